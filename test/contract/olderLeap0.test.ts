import { dispose, startEngine } from './engine/startEngine.ts';
import { accountsAt } from './leap0Accounts.ts';
import { OlderServer, wires } from './olderServer.ts';
import { keepsItsPromises } from './promises.ts';

for (const [revision, wire] of Object.entries(wires)) {
  keepsItsPromises(
    `a Leap0 account, revision ${revision}, on the real engine behind the older words`,
    async () => {
      const engine = await startEngine();
      const server = await OlderServer.start(engine.socketPath, wire);
      const accounts = await accountsAt(server.url, engine.token);
      return {
        ...accounts,
        oneOutput: revision === '0',
        dispose: async () => {
          accounts.provider.dispose();
          accounts.stranger.dispose();
          server.close();
          await dispose(engine);
        },
      };
    },
  );
}
