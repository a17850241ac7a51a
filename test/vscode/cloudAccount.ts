import { ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxExplorerApi, SandboxInfo } from '../../src/window/api/types.ts';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { answering, enter } from './answers.ts';
import { answerNextWarning, command, extension, until } from './helpers.ts';

/** An account at a service of its own, added by the explorer's commands. */
export class CloudAccount {
  readonly cloud: Cloud;
  readonly api: SandboxExplorerApi;
  readonly id: string;

  private constructor(cloud: Cloud, api: SandboxExplorerApi, id: string) {
    this.cloud = cloud;
    this.api = api;
    this.id = id;
  }

  static async add(): Promise<CloudAccount> {
    const cloud = await startCloud(`${extension.extensionPath}/dist/engine.js`);
    const api: SandboxExplorerApi = await extension.activate();
    await command('show');
    await answering([enter, 'Cloud', cloud.url, enter, enter, cloud.key], () => command('addAccount'));
    const [account] = vscode.workspace
      .getConfiguration('sandboxExplorer')
      .get<{ id: string }[]>('accounts', []);
    ok(account);
    return new CloudAccount(cloud, api, account.id);
  }

  /** Its row, as a menu hands it to a command. */
  get row() {
    const view = { account: { id: this.id, name: 'Cloud', provider: 'leap0' }, sandboxes: [] };
    return { kind: 'account', view };
  }

  rowOf(info: SandboxInfo) {
    return { kind: 'sandbox', sandbox: { ...info, accountId: this.id } };
  }

  /** Its sandboxes, read anew. */
  async sandboxes(): Promise<SandboxInfo[]> {
    await this.api.refresh();
    return (await this.api.list()).filter(({ account }) => account === this.id);
  }

  /** How often the service was asked for this, such as `POST /v1/sandbox/`. */
  count(call: string): number {
    return this.cloud.calls.filter((one) => one === call).length;
  }

  /** What it was asked for with last. */
  lastBody(call: string): Record<string, unknown> {
    return JSON.parse(this.cloud.bodies[this.cloud.calls.lastIndexOf(call)] ?? '');
  }

  /** Deletes its sandboxes, each as soon as it can be. */
  async clear(): Promise<void> {
    this.cloud.instead = () => undefined;
    for (const { key } of await this.sandboxes()) {
      const wasDeleted = () =>
        this.api.delete(key).then(
          () => true,
          () => undefined,
        );
      await until(`${key} is deleted`, wasDeleted);
    }
  }

  /** Deletes its sandboxes and signs out. */
  async remove(): Promise<void> {
    await this.clear();
    answerNextWarning('Sign Out');
    await command('signOut', this.row);
    await this.cloud.close();
  }
}
