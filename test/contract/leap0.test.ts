import { openLeap0 } from '../../src/providers/index.ts';
import type { Revision } from '../../src/providers/leap0/dialect.ts';
import { startCloud } from './cloudServer.ts';
import { dispose, engineProgram, startEngine } from './engine/startEngine.ts';
import { keepsItsPromises, type Subject } from './promises.ts';
import { RevisionAServer } from './revisionAServer.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A Leap0 account, and one with another key, at an engine or whatever stands before it. */
async function accountsAt(baseUrl: string, token: string): Promise<Pick<Subject, 'provider' | 'stranger'>> {
  let revision: Revision | undefined;
  const ids = new Set<string>();
  const remove = async (id: string) => void ids.delete(id);
  const open = (key: string) =>
    openLeap0({
      baseUrl,
      key: async () => key,
      hide: () => {},
      log,
      timeouts: () => ({ callMs: 30_000, createMs: 30_000 }),
      revision: { get: () => revision, set: async (found) => void (revision = found) },
      knownIds: {
        all: async () => Array.from(ids),
        add: async (id) => void ids.add(id),
        remove,
        gone: remove,
      },
    });
  const provider = await open(token);
  return { provider, stranger: await open('nobody') };
}

keepsItsPromises(
  'a Leap0 account, revision B, on the real engine over TCP, without the older words',
  async () => {
    const cloud = await startCloud(engineProgram());
    const accounts = await accountsAt(cloud.url, cloud.key);
    return {
      ...accounts,
      dispose: async () => {
        accounts.provider.dispose();
        accounts.stranger.dispose();
        await cloud.close();
      },
    };
  },
);

keepsItsPromises('a Leap0 account, revision A, on the real engine behind the older words', async () => {
  const engine = await startEngine();
  const server = await RevisionAServer.start(engine.socketPath);
  const accounts = await accountsAt(server.url, engine.token);
  return {
    ...accounts,
    dispose: async () => {
      accounts.provider.dispose();
      accounts.stranger.dispose();
      server.close();
      await dispose(engine);
    },
  };
});
