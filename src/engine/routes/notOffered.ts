import type { ApiHandler } from '../http/api.ts';
import { HttpError } from '../http/httpError.ts';
import type { Route } from '../http/router.ts';

const sandbox = '/v1/sandbox/:id';
const presignedUrls = 'presigned URLs. Forward the port by SSH instead';
const mounts = 'object storage';
const templates = "templates. Its sandboxes have this machine's own programs";
const languageServers = 'language servers';

const calls: Readonly<Record<string, string>> = {
  [`POST ${sandbox}/presigned-url`]: presignedUrls,
  [`DELETE ${sandbox}/presigned-url/:url`]: presignedUrls,
  [`POST ${sandbox}/mounts`]: mounts,
  [`PATCH ${sandbox}/mounts/:mount`]: mounts,
  [`DELETE ${sandbox}/mounts/:mount`]: mounts,
  'POST /v1/template': templates,
  'PATCH /v1/template/:template': templates,
  'DELETE /v1/template/:template': templates,
  [`POST ${sandbox}/lsp/:call`]: languageServers,
};

/** Leap0's calls that the engine has not: they say so, since "no such route" would look like a mistake of the caller's. */
export const notOffered: Route<ApiHandler>[] = Object.entries(calls).map(([call, what]) => {
  const [method = '', pattern = ''] = call.split(' ');
  return {
    method,
    pattern,
    handler: () => {
      throw new HttpError(501, `The local engine does not offer ${what}.`);
    },
  };
});
