import { startCloud } from './cloudServer.ts';
import { dispose, engineProgram, startEngine } from './engine/startEngine.ts';
import { accountsAt } from './leap0Accounts.ts';
import { keepsItsPromises } from './promises.ts';
import { RevisionAServer } from './revisionAServer.ts';

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
