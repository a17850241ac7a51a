import { sshValidateRequest } from '../../providers/leap0/wire/requests.ts';
import { param, type ApiAnswer, type ApiHandler, type ApiRequest } from '../http/api.ts';
import { decode } from '../http/body.ts';
import { invalidField } from '../http/httpError.ts';
import type { Route } from '../http/router.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import { accessAnswer } from '../sshd/access.ts';
import type { Accesses, NewAccess } from '../sshd/accesses.ts';
import { sshHost, type SshServer } from '../sshd/sshServer.ts';

const pattern = '/v1/sandbox/:id/ssh';

/**
 * SSH accesses (leap0-openapi.yaml, tag SSH), in the spellings of both revisions: A knows one for each sandbox, B names
 * it. None of these calls resumes a paused sandbox.
 */
export function sshRoutes(
  registry: SandboxRegistry,
  accesses: Accesses,
  server: SshServer,
): Route<ApiHandler>[] {
  const sandboxOf = (request: ApiRequest) => registry.get(param(request, 'id')).record.id;
  const issue = async (
    request: ApiRequest,
    status: number,
    make: (sandboxId: string) => NewAccess,
  ): Promise<ApiAnswer> => {
    const sandboxId = sandboxOf(request);
    const port = await server.listen();
    const { access, password } = make(sandboxId);
    return { status, body: accessAnswer(access, password, { host: sshHost, port }) };
  };
  const regenerate: ApiHandler = (request) =>
    issue(request, 200, (sandboxId) => accesses.regenerate(sandboxId, request.params['sid']));
  const remove: ApiHandler = (request) => {
    const sandboxId = sandboxOf(request);
    accesses.delete(sandboxId, request.params['sid']);
    server.disconnect(sandboxId);
    return { status: 204 };
  };
  const validate = async (request: ApiRequest, id: string | null | undefined, password: string) => {
    if (typeof id !== 'string') throw invalidField('id', 'must be given');
    const sandboxId = sandboxOf(request);
    const valid = accesses.authenticate(id, password)?.sandboxId === sandboxId;
    return { status: 200, body: { valid, sandbox_id: sandboxId } };
  };
  return [
    {
      method: 'POST',
      pattern: `${pattern}/access`,
      handler: (request) => issue(request, 201, (sandboxId) => accesses.create(sandboxId)),
    },
    { method: 'DELETE', pattern: `${pattern}/access`, handler: remove },
    { method: 'POST', pattern: `${pattern}/regen`, handler: regenerate },
    {
      method: 'POST',
      pattern: `${pattern}/validate`,
      handler: async (request) => {
        const { id, password } = decode(sshValidateRequest, await request.json());
        return validate(request, id, password);
      },
    },
    { method: 'DELETE', pattern: `${pattern}/:sid`, handler: remove },
    { method: 'POST', pattern: `${pattern}/:sid/regen`, handler: regenerate },
    {
      method: 'POST',
      pattern: `${pattern}/:sid/validate`,
      handler: async (request) => {
        const { password } = decode(sshValidateRequest, await request.json());
        const { id } = accesses.get(sandboxOf(request), param(request, 'sid'));
        return validate(request, id, password);
      },
    },
  ];
}
