import { executeRequest } from '../../providers/leap0/wire/requests.ts';
import { param, type ApiHandler } from '../http/api.ts';
import { decode } from '../http/body.ts';
import { invalidField, invalidFields } from '../http/httpError.ts';
import type { Route } from '../http/router.ts';
import { environmentErrors } from '../jail/bootScript.ts';
import { execute } from '../jail/execute.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';

/** One-shot commands (leap0-openapi.yaml, `processExecute`). A paused sandbox is resumed. */
export function executeRoutes(registry: SandboxRegistry): Route<ApiHandler>[] {
  return [
    {
      method: 'POST',
      pattern: '/v1/sandbox/:id/process/execute',
      handler: async (request) => {
        const sandbox = registry.get(param(request, 'id'));
        const command = decode(executeRequest, await request.json());
        checkCommand(command);
        const jail = await sandbox.awake();
        const context = { env: sandbox.environment, signal: request.signal };
        return { status: 200, body: await execute(jail, command, context) };
      },
    },
  ];
}

function checkCommand(request: ReturnType<typeof decode<typeof executeRequest>>): void {
  const errors = environmentErrors('envs', request.envs);
  if (errors.length > 0) throw invalidFields(errors);
  if (request.command.includes('\0')) throw invalidField('command', 'must not hold a NUL');
  if (request.cwd?.includes('\0')) throw invalidField('cwd', 'must not hold a NUL');
}
