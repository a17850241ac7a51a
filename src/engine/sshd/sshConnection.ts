import type { Socket } from 'node:net';
import type { Connection, Session } from 'ssh2';
import { HttpError } from '../http/httpError.ts';
import type { Jail } from '../jail/jail.ts';
import { findTools } from '../jail/tools.ts';
import type { LogFile } from '../logFile.ts';
import type { ShellHome } from '../pty/session.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { disconnect } from './disconnect.ts';
import { Forwarding } from './forwarding.ts';
import { SshSession } from './sshSession.ts';

/** At once; each is some processes of the host. */
const maxSessions = 100;

interface SshConnectionParts {
  client: Connection;
  socket: Socket;
  sandbox: Sandbox;
  log: LogFile;
}

/**
 * A client that has logged in, in its sandbox. Coming in resumes a paused sandbox, and so does a new session; a
 * connection that is forwarded does not, since programs open those by themselves. All of it outlasts a pause, and ends
 * with the sandbox.
 */
export class SshConnection {
  readonly #parts: SshConnectionParts;
  readonly #sessions = new Set<SshSession>();
  #jail: Jail | undefined;

  constructor(parts: SshConnectionParts) {
    this.#parts = parts;
    const { client, log } = parts;
    client.on('session', (accept, reject) => {
      if (this.#sessions.size >= maxSessions) return reject();
      this.#add(new SshSession(named(accept()), () => this.#enter(), log));
    });
    const forwarding = new Forwarding(client, () => this.#stay(), log);
    client.once('close', () => {
      for (const session of this.#sessions) session.end();
      forwarding.end();
    });
    this.#enter().catch((error: unknown) => {
      // What a person can do something about is told by the first session.
      if (!(error instanceof HttpError)) log.error('a sandbox could not be entered by SSH', error);
    });
  }

  end(): void {
    disconnect(this.#parts.client, this.#parts.socket);
  }

  #add(session: SshSession): void {
    this.#sessions.add(session);
    void session.over.then(() => this.#sessions.delete(session));
  }

  async #enter(): Promise<ShellHome> {
    const jail = await this.#parts.sandbox.awake();
    if (this.#jail !== jail) void jail.ended.then(() => this.end());
    this.#jail = jail;
    return this.#homeIn(jail);
  }

  /** Leaves a sandbox that was paused since then as it is. */
  async #stay(): Promise<ShellHome> {
    return this.#jail ? this.#homeIn(this.#jail) : this.#enter();
  }

  #homeIn(jail: Jail): ShellHome {
    return { jail, tools: findTools(), environment: this.#parts.sandbox.environment };
  }
}

/**
 * When a connection ends, ssh2 knows a session in which nothing has run by the name of its class, which a bundler
 * changes; it would throw where nobody can catch it.
 */
function named(session: Session): Session {
  Object.defineProperty(session.constructor, 'name', { value: 'Session' });
  return session;
}
