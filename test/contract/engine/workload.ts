/** What keeps an engine busy with every kind of call, and the notes of what it has answered. */
import { Client, type Answer, type CallOptions } from './client.ts';

/** What must be there after whatever happens, and what must not. */
export class Notes {
  /** Their paths, and what is in the file `mark` of each. */
  readonly sandboxes = new Map<string, string>();
  readonly snapshots = new Map<string, string>();
  /** Paths of what was deleted. */
  readonly gone = new Set<string>();
}

/** Knows which calls have not been answered yet. */
export class WatchedClient extends Client {
  readonly #underWay = new Set<{ kind: string }>();

  override async call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer> {
    const [, , noun, , ...rest] = (path.split('?')[0] ?? '').split('/');
    const call = { kind: [method.toLowerCase(), noun, ...rest].join(' ') };
    this.#underWay.add(call);
    const answer = await super.call(method, path, body, options);
    this.#underWay.delete(call);
    return answer;
  }

  underWay(): string[] {
    return Array.from(this.#underWay, ({ kind }) => kind);
  }

  async demand(status: number, ...call: Parameters<Client['call']>): Promise<Answer> {
    const answer = await this.call(...call);
    if (answer.status === status) return answer;
    throw new Error(`${call[0]} ${call[1]}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

type Work = (client: WatchedClient, notes: Notes, round: number) => Promise<void>;

/** Works until `isOver`, and until the first call that fails from then on. @throws what fails before */
export async function keepBusy(client: WatchedClient, notes: Notes, isOver: () => boolean): Promise<void> {
  const works = [workOnSandboxes, workOnSandboxes, workOnSnapshots, workOnFiles];
  await Promise.all(works.map((work, worker) => repeat(work, client, notes, isOver, worker)));
}

async function repeat(
  work: Work,
  client: WatchedClient,
  notes: Notes,
  isOver: () => boolean,
  first: number,
): Promise<void> {
  try {
    for (let round = first; ; round += 1) await work(client, notes, round);
  } catch (error) {
    if (!isOver()) throw error;
  }
}

/** Bytes in the file `more` of every snapshot. */
export const ballastBytes = 20_000_000;

const newMark = () => `${Math.random()}\n`;

async function remove(
  client: WatchedClient,
  noted: Map<string, string>,
  path: string,
  gone: Set<string>,
): Promise<void> {
  // Once it is asked for, a deletion may happen although nobody is told.
  noted.delete(path);
  await client.demand(204, 'DELETE', path);
  gone.add(path);
}

/** A new sandbox from a snapshot, whose name is its ID. */
export async function restore(client: WatchedClient, snapshot: string): Promise<string> {
  const request = { snapshot_name: snapshot.slice('/v1/snapshot/'.length), timeout: 3600 };
  const { body } = await client.demand(201, 'POST', '/v1/snapshot/restore', request);
  return `/v1/sandbox/${body.id}`;
}

const workOnSandboxes: Work = async (client, notes, round) => {
  const sandbox = await client.create();
  const mark = newMark();
  await client.run(sandbox, `printf %s '${mark}' > mark; sleep 600 >/dev/null 2>&1 &`);
  notes.sandboxes.set(sandbox, mark);
  const screen = await client.terminal(sandbox);
  screen.type('while :; do date; sleep 0.01; done\r');
  const next = [['pause'], ['pause', 'wake'], ['stop'], ['stop', 'start'], ['remove'], []][round % 6] ?? [];
  for (const change of next) {
    if (change === 'remove') await remove(client, notes.sandboxes, sandbox, notes.gone);
    else if (change === 'wake') await client.run(sandbox, 'true');
    else await client.demand(change === 'pause' ? 201 : 200, 'POST', `${sandbox}/${change}`);
  }
};

const workOnSnapshots: Work = async (client, notes, round) => {
  const sandbox = await client.create();
  const mark = newMark();
  await client.run(sandbox, `printf %s '${mark}' > mark; head -c ${ballastBytes} /dev/zero > more`);
  const request = { kill_sandbox_after: round % 2 === 0 };
  const { body } = await client.demand(201, 'POST', `${sandbox}/snapshot/create`, request);
  const snapshot = `/v1/snapshot/${body.id}`;
  notes.snapshots.set(snapshot, mark);
  if (request.kill_sandbox_after) notes.gone.add(sandbox);
  else await remove(client, notes.sandboxes, sandbox, notes.gone);
  notes.sandboxes.set(await restore(client, snapshot), mark);
  if (round % 3 > 0) await remove(client, notes.snapshots, snapshot, notes.gone);
};

const workOnFiles: Work = async (client, notes) => {
  const sandbox = await client.create();
  const mark = newMark().repeat(10_000);
  const path = `${sandbox}/filesystem/write-file?path=/home/user/mark`;
  const options = { raw: mark, headers: { 'content-type': 'application/octet-stream' } };
  await client.demand(204, 'POST', path, undefined, options);
  notes.sandboxes.set(sandbox, mark);
  // Whatever becomes of this one, it must not leave a part of itself.
  await client.demand(204, 'POST', path, undefined, options);
};
