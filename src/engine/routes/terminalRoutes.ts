import { WebSocketServer } from 'ws';
import { limits } from '../../providers/leap0/wire/limits.ts';
import { ptyCreateRequest, ptyResizeRequest } from '../../providers/leap0/wire/requests.ts';
import { param, type ApiHandler, type ApiRequest, type UpgradeHandler } from '../http/api.ts';
import { decode } from '../http/body.ts';
import { HttpError } from '../http/httpError.ts';
import type { Route } from '../http/router.ts';
import type { Jail } from '../jail/jail.ts';
import { findTools } from '../jail/tools.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { Connection } from '../pty/connection.ts';
import type { ShellHome } from '../pty/session.ts';

const sessionsPattern = '/v1/sandbox/:id/pty';
const sessionPattern = `${sessionsPattern}/:sid`;

/**
 * Terminals (leap0-openapi.yaml, tag PTY). Creating and connecting resume a paused sandbox; the rest leaves it as it
 * is.
 */
export function terminalRoutes(registry: SandboxRegistry): Route<ApiHandler>[] {
  const sandbox = (request: ApiRequest) => registry.get(param(request, 'id'));
  const session = (request: ApiRequest) => sandbox(request).terminals.get(param(request, 'sid'));
  return [
    {
      method: 'GET',
      pattern: sessionsPattern,
      handler: (request) => ({
        status: 200,
        body: {
          items: sandbox(request)
            .terminals.all()
            .map((each) => each.info()),
        },
      }),
    },
    {
      method: 'POST',
      pattern: sessionsPattern,
      handler: async (request) => create(sandbox(request), await request.json()),
    },
    {
      method: 'GET',
      pattern: sessionPattern,
      handler: (request) => ({ status: 200, body: session(request).info() }),
    },
    {
      method: 'DELETE',
      pattern: sessionPattern,
      handler: async (request) => {
        await sandbox(request).terminals.remove(session(request));
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      pattern: `${sessionPattern}/resize`,
      handler: async (request) => {
        const { cols, rows } = decode(ptyResizeRequest, await request.json());
        session(request).resize(cols, rows);
        return { status: 200, body: session(request).info() };
      },
    },
    {
      method: 'GET',
      pattern: `${sessionPattern}/connect`,
      handler: () => {
        throw new HttpError(426, 'Connect with a WebSocket.', { headers: { upgrade: 'websocket' } });
      },
    },
  ];
}

async function create(sandbox: Sandbox, body: unknown) {
  const request = decode(ptyCreateRequest, body);
  sandbox.terminals.check(request);
  const jail = await sandbox.awake();
  // Another call may have taken the ID while the sandbox was being resumed.
  sandbox.terminals.check(request);
  const session = sandbox.terminals.add(request);
  try {
    if (!request.lazy_start) session.start(shellHome(sandbox, jail));
  } catch (error) {
    await sandbox.terminals.remove(session);
    throw error;
  }
  return { status: 201, body: session.info() };
}

/** Every message in both directions is raw terminal bytes (leap0.md, "PTY"). */
export function terminalUpgrades(registry: SandboxRegistry): Route<UpgradeHandler>[] {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.bodyBytes,
    clientTracking: false,
  });
  return [
    {
      method: 'GET',
      pattern: `${sessionPattern}/connect`,
      handler: async ({ params, request, socket, head }) => {
        const sandbox = registry.get(param({ params }, 'id'));
        const session = sandbox.terminals.get(param({ params }, 'sid'));
        if (session.active) session.start(shellHome(sandbox, await sandbox.awake()));
        server.handleUpgrade(request, socket, head, (webSocket) =>
          session.attach(new Connection(webSocket, socket)),
        );
      },
    },
  ];
}

function shellHome(sandbox: Sandbox, jail: Jail): ShellHome {
  return { jail, tools: findTools(), environment: sandbox.environment };
}
