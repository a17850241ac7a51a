import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { KeptAccess } from '../../../src/ssh/hostRecord.ts';
import { readSshCommand } from '../../../src/ssh/sshCommand.ts';
import { Client } from '../engine/client.ts';
import { dispose, removeProgram, startEngine, type RunningEngine } from '../engine/startEngine.ts';
import { SshHost } from './sshHost.ts';

/** A real engine with a sandbox in it, and a host that leads there. */
export class EngineHost {
  readonly engine: RunningEngine;
  readonly client: Client;
  /** The path of the sandbox in the engine's API. */
  readonly sandbox: string;
  readonly host: SshHost;

  private constructor(parts: Pick<EngineHost, 'engine' | 'client' | 'sandbox' | 'host'>) {
    ({ engine: this.engine, client: this.client, sandbox: this.sandbox, host: this.host } = parts);
  }

  static async make(): Promise<EngineHost> {
    const engine = await startEngine();
    const client = new Client(engine);
    const sandbox = await client.create();
    const access = await newAccess(client, sandbox);
    const id = sandbox.slice(sandbox.lastIndexOf('/') + 1);
    const host = await SshHost.make({
      account: { id: 'local', name: 'Local' },
      sandbox: { id, name: 'box' },
      dataFolder: engine.dataDir,
      access,
    });
    return new EngineHost({ engine, client, sandbox, host });
  }

  /** What a command in the sandbox prints, without SSH. */
  run(command: string): Promise<string> {
    return this.client.run(this.sandbox, command);
  }

  /** Lets the time of the credentials be over, for the engine and for whoever keeps them. */
  async expire(): Promise<void> {
    const file = join(this.engine.dataDir, 'sandboxes', basename(this.sandbox), 'ssh.json');
    const expiresAt = Date.now() - 1000;
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), expiresAt }));
    await this.host.setAccess({ expiresAt });
  }

  async dispose(): Promise<void> {
    this.host.dispose();
    await dispose(this.engine);
    removeProgram();
  }
}

/** Has the engine make credentials. */
export async function newAccess(client: Client, sandbox: string, how = 'access'): Promise<KeptAccess> {
  const { status, body } = await client.call('POST', `${sandbox}/ssh/${how}`);
  if (status >= 300) throw new Error(`ssh/${how}: ${status} ${JSON.stringify(body)}`);
  const { id, password, ssh_command, expires_at } = body;
  return {
    accessId: id,
    password,
    expiresAt: Date.parse(expires_at),
    command: ssh_command,
    ...readSshCommand(ssh_command),
  };
}
