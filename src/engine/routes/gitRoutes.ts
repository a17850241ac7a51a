import type * as v from 'valibot';
import * as wire from '../../providers/leap0/wire/gitRequests.ts';
import { gitIn, logIn, type Git, type GitCommand } from '../git/git.ts';
import { param, type ApiHandler } from '../http/api.ts';
import { decode } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';

/** Reads a request, and says what is to be done in the sandbox; so a wrong request wakes nothing. */
type GitCall = (body: unknown) => (git: Git) => Promise<object>;

/** Git (leap0-openapi.yaml, tag Git). Where git fails, that is the answer: its output and its exit code. */
export function gitRoutes(registry: SandboxRegistry): Route<ApiHandler>[] {
  return Object.entries(calls).map(([name, call]) => ({
    method: 'POST',
    pattern: `/v1/sandbox/:id/git/${name}`,
    handler: async (request) => {
      const sandbox = registry.get(param(request, 'id'));
      const work = call(await request.json());
      const git = gitIn(await sandbox.awake(), sandbox.environment, request.signal);
      return { status: 200, body: await work(git) };
    },
  }));
}

/** A call that is one run of git in the repository at `path`, unless it says where else. */
function inRepository<S extends v.GenericSchema<unknown, { path: string }>>(
  schema: S,
  command: (request: v.InferOutput<S>) => string[] | Partial<GitCommand>,
): GitCall {
  return (body) => {
    const request = decode(schema, body);
    const wanted = command(request);
    const chosen = Array.isArray(wanted) ? { steps: [wanted] } : wanted;
    return (git) => git({ folder: request.path, steps: [], ...chosen });
  };
}

type Maybe<T> = T | null | undefined;
const option = (name: string, value: Maybe<string | number>): string[] =>
  value === null || value === undefined ? [] : [`${name}=${value}`];
const flag = (name: string, isSet: boolean): string[] => (isSet ? [name] : []);
const word = (value: Maybe<string>): string[] => (value ? [value] : []);

const branchTypes = { local: [], remote: ['-r'], all: ['-a'] };

const readingCalls: Record<string, GitCall> = {
  status: inRepository(wire.gitPathRequest, () => ['status', '--porcelain=v2', '--branch']),
  branches: inRepository(wire.gitBranchesRequest, (request) => [
    'branch',
    ...branchTypes[request.branch_type],
    ...option('--contains', request.contains),
    ...option('--no-contains', request.not_contains),
  ]),
  'diff-unstaged': inRepository(wire.gitContextRequest, (request) => ['diff', `-U${request.context_lines}`]),
  'diff-staged': inRepository(wire.gitContextRequest, (request) => [
    'diff',
    '--cached',
    `-U${request.context_lines}`,
  ]),
  diff: inRepository(wire.gitDiffRequest, (request) => [
    'diff',
    `-U${request.context_lines}`,
    request.target,
    '--',
  ]),
  log: inRepository(wire.gitLogRequest, (request) => [
    'log',
    `--max-count=${request.max_count}`,
    ...option('--since', request.start_timestamp),
    ...option('--until', request.end_timestamp),
  ]),
  show: inRepository(wire.gitShowRequest, ({ revision }) => ['show', revision, '--']),
};

const branchCalls: Record<string, GitCall> = {
  'create-branch': inRepository(wire.gitCreateBranchRequest, ({ name, checkout, base_branch }) => [
    ...(checkout ? ['checkout', '-b'] : ['branch']),
    name,
    ...word(base_branch),
  ]),
  'checkout-branch': (body) => {
    const { path: folder, branch, create } = decode(wire.gitCheckoutBranchRequest, body);
    return async (git) => {
      // Without the hyphens a file of that name would be restored.
      const result = await git({ folder, steps: [['checkout', branch, '--']] });
      return result.exit_code === 0 || !create
        ? result
        : git({ folder, steps: [['checkout', '-b', branch]] });
    };
  },
  'delete-branch': inRepository(wire.gitDeleteBranchRequest, ({ name, force }) => [
    'branch',
    force ? '-D' : '-d',
    name,
  ]),
};

const changingCalls: Record<string, GitCall> = {
  reset: inRepository(wire.gitPathRequest, () => ['reset']),
  add: inRepository(wire.gitAddRequest, ({ files }) => ['add', '--', ...files]),
  commit: (body) => {
    const { path: folder, message, author, email, allow_empty } = decode(wire.gitCommitRequest, body);
    const env = {
      ...(author && { GIT_AUTHOR_NAME: author, GIT_COMMITTER_NAME: author }),
      ...(email && { GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_EMAIL: email }),
    };
    const commit = ['commit', `--message=${message}`, ...flag('--allow-empty', allow_empty)];
    return async (git) => {
      const result = await git({ folder, steps: [commit], env });
      if (result.exit_code !== 0) return { sha: '', result };
      const { output } = await git({ folder, steps: [['rev-parse', 'HEAD']] });
      return { sha: output.trim(), result };
    };
  },
};

const remoteCalls: Record<string, GitCall> = {
  clone: inRepository(wire.gitCloneRequest, ({ url, path, branch, commit_id, depth, ...credentials }) => {
    const { options, env } = logIn(credentials);
    const how = [...option('--depth', depth || undefined), ...option('--branch', branch)];
    const clone = [...options, 'clone', ...how, '--', url, path];
    const checkout = commit_id ? [['-C', path, 'checkout', commit_id, '--']] : [];
    return { folder: '/', steps: [clone, ...checkout], env };
  }),
  push: inRepository(wire.gitRemoteRequest, ({ remote, branch, set_upstream, ...credentials }) => {
    const { options, env } = logIn(credentials);
    const push = ['push', ...flag('--set-upstream', set_upstream), remote, ...word(branch)];
    return { steps: [[...options, ...push]], env };
  }),
  pull: inRepository(wire.gitRemoteRequest, ({ remote, branch, set_upstream, rebase, ...credentials }) => {
    const { options, env } = logIn(credentials);
    const how = [...flag('--set-upstream', set_upstream), ...flag('--rebase', rebase)];
    return { steps: [[...options, 'pull', ...how, remote, ...word(branch)]], env };
  }),
};

const calls = { ...readingCalls, ...branchCalls, ...changingCalls, ...remoteCalls };
