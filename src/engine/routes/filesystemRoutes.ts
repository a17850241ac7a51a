import { Turns } from '../../common/turns.ts';
import { limits } from '../../providers/leap0/wire/limits.ts';
import * as wire from '../../providers/leap0/wire/requests.ts';
import { exists, makeFolder, remove, setPermissions } from '../filesystem/change.ts';
import { list, stat } from '../filesystem/fileInfo.ts';
import { below, find, inOrder, matching } from '../filesystem/find.ts';
import { grep } from '../filesystem/grep.ts';
import { helperIn } from '../filesystem/helper.ts';
import { copy, move } from '../filesystem/relocate.ts';
import { tree } from '../filesystem/tree.ts';
import { json, param, type ApiAnswer, type ApiHandler } from '../http/api.ts';
import { invalidField } from '../http/httpError.ts';
import type { Route } from '../http/router.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import { jsonCall, type FileCall } from './fileCall.ts';
import { readingCalls, writingCalls } from './fileContentCalls.ts';

const defaultFolderMode = '755';

/**
 * Files (leap0-openapi.yaml, tag Filesystem), each call carried out inside the sandbox. A paused one is resumed. Where
 * the document says nothing: paths are absolute; writing makes the folders that are missing, and replaces a file in one
 * step; links are described rather than followed; `grep` takes extended regular expressions.
 */
export function filesystemRoutes(registry: SandboxRegistry): Route<ApiHandler>[] {
  const calls: Record<string, FileCall> = {
    ...lookingCalls,
    ...changingCalls,
    ...readingCalls,
    ...oneAtATime(writingCalls),
  };
  return Object.entries(calls).map(([name, call]) => ({
    method: 'POST',
    pattern: `/v1/sandbox/:id/filesystem/${name}`,
    handler: async (request) => {
      const sandbox = registry.get(param(request, 'id'));
      const work = await call(request);
      return work(helperIn(await sandbox.awake(), request.signal));
    },
  }));
}

/**
 * In each sandbox. An edit reads a file and then replaces it, and what another call had put there in between would be
 * lost; a file has more than one path, so their paths do not tell which calls get in each other's way.
 */
function oneAtATime(calls: Record<string, FileCall>): Record<string, FileCall> {
  const turns = new Turns();
  const inTurn =
    (call: FileCall): FileCall =>
    async (request) => {
      const work = await call(request);
      return (helper) => turns.take(param(request, 'id'), () => work(helper));
    };
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, inTurn(call)]));
}

const lookingCalls: Record<string, FileCall> = {
  ls: jsonCall(wire.lsRequest, async (helper, { path, recursive, exclude }) => {
    const search = { path, exclude, maxDepth: recursive ? undefined : 1 };
    return bounded({ items: await list(helper, search) });
  }),
  stat: jsonCall(wire.pathRequest, async (helper, { path }) => ({
    status: 200,
    body: await stat(helper, path),
  })),
  exists: jsonCall(wire.pathRequest, async (helper, { path }) => ({
    status: 200,
    body: { exists: await exists(helper, path) },
  })),
  tree: jsonCall(wire.treeRequest, async (helper, { path, exclude, max_depth }) =>
    bounded({ items: await tree(helper, { path, exclude, maxDepth: max_depth ?? undefined }) }),
  ),
  glob: jsonCall(wire.globRequest, async (helper, { path, pattern, exclude }) => {
    const tests = ['!', '-type', 'd', ...(pattern ? matching(pattern, 'pattern') : [])];
    const found = await find(helper, { path, exclude, tests }, ['%P']);
    return bounded({ items: found.map(([name = '']) => below(path, name)).toSorted(inOrder) });
  }),
  grep: jsonCall(wire.grepRequest, async (helper, request) =>
    bounded({ items: await grep(helper, request) }),
  ),
};

const changingCalls: Record<string, FileCall> = {
  mkdir: jsonCall(wire.mkdirRequest, async (helper, { path, recursive, permissions }) => {
    await makeFolder(helper, path, recursive, permissions ?? defaultFolderMode);
    return { status: 204 };
  }),
  delete: jsonCall(wire.deleteRequest, async (helper, { path, recursive }) => {
    await remove(helper, path, recursive);
    return { status: 204 };
  }),
  'set-permissions': jsonCall(wire.setPermissionsRequest, async (helper, { path, ...to }) => {
    await setPermissions(helper, path, to);
    return { status: 204 };
  }),
  move: jsonCall(wire.moveRequest, async (helper, { src_path, dst_path, overwrite }) => {
    await move(helper, src_path, dst_path, overwrite);
    return { status: 204 };
  }),
  copy: jsonCall(wire.copyRequest, async (helper, { src_path, dst_path, recursive, overwrite }) => {
    await copy(helper, src_path, dst_path, { recursive, overwrite });
    return { status: 204 };
  }),
};

/** @throws HttpError 400 when it is more than one answer may hold */
function bounded(body: unknown): ApiAnswer {
  const content = json(body);
  if (content.bytes.length > limits.bodyBytes) throw invalidField('path', 'holds too much for one answer');
  return { status: 200, content };
}
