import { conflict } from '../http/httpError.ts';
import { baseEnvironment } from '../jail/bootScript.ts';
import { bootJail, type Jail } from '../jail/jail.ts';
import { connectNetwork } from '../jail/network.ts';
import { writeSystemFiles } from '../jail/systemFiles.ts';
import { limitsProcessesPerJail, processesUnlimited, type Tools } from '../jail/tools.ts';
import type { LogFile } from '../logFile.ts';
import { closeCodes } from '../pty/connection.ts';
import { Terminals } from '../pty/terminals.ts';
import { Deadline } from './deadline.ts';
import type { SandboxRecord, State } from './record.ts';
import type { SandboxStore } from './store.ts';

/** Long enough to tell sandboxes apart in a prompt. */
const hostnameLength = 9;
/** The states in which nothing is being done with it. */
const settled: State[] = ['running', 'paused', 'stopped'];
/** When to try again at its time-out: while something else is being done with it, and after a failure. */
const busyRetryMs = 1000;
const failedRetryMs = 10_000;

export interface SandboxParts {
  store: SandboxStore;
  log: LogFile;
  findTools: () => Tools;
  /** The sandbox is no more. */
  onDeleted: (id: string) => void;
}

/**
 * One sandbox and what may happen to it. One change at a time: a call that finds another under way is refused with
 * 409. The states in between are only in memory, since after a crash each of them is `stopped`.
 */
export class Sandbox {
  readonly #parts: SandboxParts;
  readonly #deadline = new Deadline(() => this.#timeOut());
  readonly terminals: Terminals;
  #record: SandboxRecord;
  #jail: Jail | undefined;
  #change: { doing: string; done: Promise<unknown> } | undefined;
  #waking: Promise<void> | undefined;

  constructor(record: SandboxRecord, parts: SandboxParts) {
    this.#record = record;
    this.#parts = parts;
    this.terminals = new Terminals(parts.log);
  }

  get record(): SandboxRecord {
    return this.#record;
  }

  /** What every process in it has in its environment. */
  get environment(): Record<string, string> {
    return { ...baseEnvironment, ...this.#record.envVars };
  }

  /**
   * The first start, of a sandbox that is being created.
   * @param fill puts on its empty disk what shall be there at first
   */
  async create(fill: (disk: string) => Promise<void>): Promise<void> {
    await this.#doChange(['starting'], 'being created', 'starting', async () => {
      // A machine that cannot make jails shall not collect half-made folders.
      this.#parts.findTools();
      const { store } = this.#parts;
      await store.make(this.#record.id);
      await fill(store.diskOf(this.#record.id));
      await this.#boot();
    });
  }

  async pause(): Promise<void> {
    await this.#doChange(['running'], 'being paused', 'running', async () => {
      const jail = this.#requireJail();
      await jail.freeze();
      try {
        this.#adopt(await this.#save('paused'));
      } catch (error) {
        jail.thaw();
        throw error;
      }
      this.terminals.disconnectAll(closeCodes.paused, 'the sandbox was paused');
    });
  }

  async stop(): Promise<void> {
    await this.#doChange(['running'], 'being stopped', 'stopping', async () => {
      await this.#endJail('the sandbox was stopped');
      await this.#settleWithoutJail();
    });
  }

  async start(): Promise<void> {
    await this.#doChange(['stopped'], 'being started', 'starting', () => this.#boot());
  }

  /**
   * Keeps everything in it from running while `work` looks at its disk; its terminals stay connected.
   * @param thenDelete whether it is deleted once `work` has succeeded, instead of going on
   * @throws HttpError 409 unless it runs
   */
  async holdDisk(
    work: (disk: string) => Promise<void>,
    { thenDelete }: { thenDelete: boolean },
  ): Promise<void> {
    await this.#doChange(['running'], 'being snapshotted', 'snapshotting', async () => {
      const jail = this.#requireJail();
      await jail.freeze();
      let gone = false;
      try {
        await work(this.#parts.store.diskOf(this.#record.id));
        gone = thenDelete;
      } finally {
        if (!gone && !jail.hasEnded) jail.thaw();
      }
      if (gone) {
        await this.#endJail('the sandbox was deleted');
        await this.discard();
      } else {
        this.#record = { ...this.#record, state: 'running', stateChangedAt: Date.now() };
      }
    });
  }

  /** Resolves when the disk is gone. What is being done with the sandbox is waited for first, and may have deleted it. */
  async delete(): Promise<void> {
    while (this.#change) await this.#change.done.catch(() => undefined);
    if (!settled.includes(this.#record.state)) return;
    await this.#doChange(settled, 'being deleted', 'deleting', async () => {
      await this.#endJail('the sandbox was deleted');
      await this.discard();
    });
  }

  /** Forgets it and frees its disk; a disk that resists is tried again at the next start of the engine. */
  async discard(): Promise<void> {
    const { store, log, onDeleted, findTools } = this.#parts;
    const { id } = this.#record;
    this.#deadline.clear();
    store.discard(id);
    try {
      await store.wipe(id, findTools);
    } catch (error) {
      log.error(`wiping ${id} failed`, error);
    }
    onDeleted(id);
  }

  /**
   * The jail of a running sandbox. One that is paused is resumed first, and gets its full time anew.
   * @throws HttpError 409 when it is neither.
   */
  async awake(): Promise<Jail> {
    if (this.#record.state === 'paused' && !this.#change) {
      this.#waking = this.#resume().finally(() => (this.#waking = undefined));
    }
    await this.#waking;
    if (this.#change) throw conflict(`The sandbox is ${this.#change.doing}. Try again in a moment.`);
    if (this.#record.state === 'stopped') throw conflict('The sandbox is stopped. Start it first.');
    return this.#requireJail();
  }

  /** For the end of the engine: ends what runs, and keeps the disk. */
  async shutDown(): Promise<void> {
    this.#deadline.clear();
    await this.#change?.done.catch(() => undefined);
    if (!this.#jail) return;
    this.terminals.disconnectAll(closeCodes.goingAway, 'the engine is shutting down');
    await this.#endJail('the engine is shutting down');
    await this.#settleWithoutJail();
  }

  async #resume(): Promise<void> {
    await this.#doChange(['paused'], 'being resumed', 'unpausing', async () => {
      const next = await this.#save('running');
      this.#requireJail().thaw();
      this.#adopt(next);
    });
  }

  async #boot(): Promise<void> {
    const { store, findTools } = this.#parts;
    const { id, wantedNetwork } = this.#record;
    const tools = findTools();
    const etc = store.etcOf(id);
    const hostname = id.slice(0, hostnameLength);
    const layout = { disk: store.diskOf(id), etc, hostname, systemFiles: writeSystemFiles(etc, hostname) };
    const warnings = limitsProcessesPerJail() ? [] : [processesUnlimited];
    let network = wantedNetwork;
    const connect = (pid: number) =>
      connectNetwork(tools, pid, (warning) => {
        warnings.push(warning);
        network = 'deny-all';
      });
    const jail = await bootJail(tools, layout, wantedNetwork === 'allow-all' ? connect : undefined);
    this.#record = { ...this.#record, warnings, network, launchedAt: Date.now() };
    this.#jail = jail;
    void jail.ended.then(() => this.#onJailEnded(jail));
    try {
      this.#adopt(await this.#save('running'));
    } catch (error) {
      await this.#endJail('the sandbox could not be started');
      throw error;
    }
  }

  async #endJail(reason: string): Promise<void> {
    const jail = this.#jail;
    this.#jail = undefined;
    await jail?.kill();
    this.terminals.endAll(reason);
  }

  /** Nobody asked for it: something in the host, such as its memory running out, has killed the jail. */
  #onJailEnded(jail: Jail): void {
    if (this.#jail !== jail) return;
    this.#jail = undefined;
    this.#parts.log.warn(`${this.#record.id} ended by itself`);
    this.terminals.endAll('the sandbox has ended');
    if (!this.#change) void this.#settleWithoutJail();
  }

  /** It is stopped even where the disk is too full to say so: whatever is written there, the next engine finds it so. */
  async #settleWithoutJail(): Promise<void> {
    this.#adopt(this.#as('stopped'));
    try {
      await this.#parts.store.save(this.#record);
    } catch (error) {
      this.#parts.log.error(`saving ${this.#record.id} failed`, error);
    }
  }

  async #doChange(from: State[], doing: string, via: State, work: () => Promise<void>): Promise<void> {
    if (this.#change) throw conflict(`The sandbox is ${this.#change.doing}. Try again in a moment.`);
    const before = this.#record;
    if (!from.includes(before.state)) {
      throw conflict(
        `The sandbox is ${before.state}; only one that is ${from.join(' or ')} can be ${doing.replace('being ', '')}.`,
      );
    }
    this.#record = { ...before, state: via, stateChangedAt: Date.now() };
    const done = work();
    this.#change = { doing, done };
    try {
      await done;
    } catch (error) {
      this.#record = { ...this.#record, state: before.state, stateChangedAt: before.stateChangedAt };
      throw error;
    } finally {
      this.#change = undefined;
      const lost = !this.#jail && (this.#record.state === 'running' || this.#record.state === 'paused');
      if (lost) await this.#settleWithoutJail();
    }
  }

  /** Puts a state on disk; it is in force once it is adopted. */
  async #save(state: State): Promise<SandboxRecord> {
    const next = this.#as(state);
    await this.#parts.store.save(next);
    return next;
  }

  #as(state: State): SandboxRecord {
    const now = Date.now();
    const { timeoutAt: _, ...rest } = this.#record;
    const next: SandboxRecord = { ...rest, state, stateChangedAt: now };
    if (state === 'running') next.timeoutAt = now + this.#record.timeoutSeconds * 1000;
    return next;
  }

  #adopt(next: SandboxRecord): void {
    this.#record = next;
    if (next.timeoutAt === undefined) this.#deadline.clear();
    else this.#deadline.set(next.timeoutAt);
  }

  #timeOut(): void {
    if (this.#change) return this.#deadline.set(Date.now() + busyRetryMs);
    if (!this.#outlivesItsTime()) return;
    const { log } = this.#parts;
    log.info(`${this.#record.id} has reached its time-out`);
    const work = this.#record.autoPause ? this.pause() : this.delete();
    work.catch((error: unknown) => {
      log.error(`the time-out of ${this.#record.id} failed`, error);
      if (this.#outlivesItsTime()) this.#deadline.set(Date.now() + failedRetryMs);
    });
  }

  /** One whose deletion has failed when its processes had ended already counts as stopped. */
  #outlivesItsTime(): boolean {
    const { state, autoPause } = this.#record;
    return state === 'running' || (state === 'stopped' && !autoPause);
  }

  #requireJail(): Jail {
    if (!this.#jail) throw conflict('The sandbox has just ended. Start it again.');
    return this.#jail;
  }
}
