import { randomBytes } from 'node:crypto';
import type { PtyCreateRequest } from '../../providers/leap0/wire/requests.ts';
import { conflict, invalidField, invalidFields, notFound } from '../http/httpError.ts';
import { environmentErrors } from '../jail/bootScript.ts';
import type { LogFile } from '../logFile.ts';
import { Session } from './session.ts';

/** How long a session whose shell has ended can be asked for its exit code. */
const keepEndedMs = 60_000;
/** As a segment of a path no URL can hold these (RFC 3986, section 5.2.4). */
const dotSegments = new Set(['.', '..']);

/** The terminals of one sandbox. */
export class Terminals {
  readonly #sessions = new Map<string, Session>();
  readonly #log: LogFile;

  constructor(log: LogFile) {
    this.#log = log;
  }

  all(): Session[] {
    return Array.from(this.#sessions.values());
  }

  /** @throws HttpError 404 */
  get(id: string): Session {
    const session = this.#sessions.get(id);
    if (!session) throw notFound('There is no such terminal.');
    return session;
  }

  /** @throws HttpError 400, or 409 when a living session has the ID. */
  check(request: PtyCreateRequest): void {
    const { id } = request;
    if (typeof id === 'string') {
      if (dotSegments.has(id) || !id.isWellFormed()) {
        throw invalidField('id', 'must be text that a URL can hold, and neither . nor ..');
      }
      if (this.#sessions.get(id)?.active) throw conflict(`There is a terminal with the ID ${id} already.`);
    }
    const errors = environmentErrors('envs', request.envs);
    if (request.cwd?.includes('\0')) errors.push({ field: 'cwd', error: 'must not hold a NUL' });
    if (errors.length > 0) throw invalidFields(errors);
  }

  /** A new session, without its shell yet. Call `check` first. */
  add(request: PtyCreateRequest): Session {
    const id = request.id ?? `pty-${randomBytes(6).toString('hex')}`;
    const session = new Session(id, request, () => this.#forgetLater(session));
    this.#sessions.set(id, session);
    return session;
  }

  /** Kills the shell and forgets the session. */
  async remove(session: Session): Promise<void> {
    await session.kill();
    this.#forget(session);
  }

  disconnectAll(code: number, reason: string): void {
    for (const session of this.all()) session.disconnect(code, reason);
  }

  /** The sandbox has ended, and with it every shell. */
  endAll(reason: string): void {
    const sessions = this.all();
    this.#sessions.clear();
    for (const session of sessions) session.end(undefined, reason);
  }

  #forgetLater(session: Session): void {
    this.#log.info(`terminal ${session.id} has ended`);
    setTimeout(() => this.#forget(session), keepEndedMs).unref();
  }

  #forget(session: Session): void {
    if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id);
  }
}
