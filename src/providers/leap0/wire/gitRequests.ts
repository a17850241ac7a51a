/** What Leap0's calls about git repositories accept (leap0-openapi.yaml, tag Git). */
import * as v from 'valibot';
import { filePath } from './requests.ts';

const text = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxBytes(4095, 'must have at most 4095 bytes'),
  v.excludes('\0', 'must not hold a NUL'),
);

/** A branch, a remote, a revision or a URL. None begins like an option, so that none can be one. */
const gitName = v.pipe(text, v.regex(/^[^-]/, 'must not begin with a hyphen'));

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000));
const off = v.nullish(v.boolean(), false);

const secret = v.nullish(v.pipe(v.string(), v.regex(/^[^\0\r\n]*$/, 'must not hold a NUL or a line break')));
const credentials = { username: secret, password: secret };

export const gitPathRequest = v.looseObject({ path: filePath });

export const gitCloneRequest = v.looseObject({
  url: gitName,
  path: filePath,
  branch: v.nullish(gitName),
  commit_id: v.nullish(gitName),
  depth: v.nullish(count),
  ...credentials,
});

export const gitBranchesRequest = v.looseObject({
  path: filePath,
  branch_type: v.nullish(v.picklist(['local', 'remote', 'all'], 'must be local, remote or all'), 'local'),
  contains: v.nullish(gitName),
  not_contains: v.nullish(gitName),
});

/** Of `diff-staged` and `diff-unstaged`. */
export const gitContextRequest = v.looseObject({ path: filePath, context_lines: v.nullish(count, 3) });

export const gitDiffRequest = v.looseObject({ ...gitContextRequest.entries, target: gitName });

export const gitLogRequest = v.looseObject({
  path: filePath,
  max_count: v.nullish(count, 10),
  start_timestamp: v.nullish(text),
  end_timestamp: v.nullish(text),
});

export const gitShowRequest = v.looseObject({ path: filePath, revision: gitName });

export const gitCreateBranchRequest = v.looseObject({
  path: filePath,
  name: gitName,
  checkout: off,
  base_branch: v.nullish(gitName),
});

export const gitCheckoutBranchRequest = v.looseObject({ path: filePath, branch: gitName, create: off });

export const gitDeleteBranchRequest = v.looseObject({ path: filePath, name: gitName, force: off });

export const gitAddRequest = v.looseObject({
  path: filePath,
  files: v.pipe(v.array(text), v.minLength(1, 'must hold at least one path')),
});

export const gitCommitRequest = v.looseObject({
  path: filePath,
  message: v.pipe(v.string(), v.excludes('\0', 'must not hold a NUL')),
  author: v.nullish(text),
  email: v.nullish(text),
  allow_empty: off,
});

/** Of `push` and `pull`. */
export const gitRemoteRequest = v.looseObject({
  path: filePath,
  remote: v.nullish(gitName, 'origin'),
  branch: v.nullish(gitName),
  set_upstream: off,
  /** Only of `pull`. */
  rebase: off,
  ...credentials,
});
