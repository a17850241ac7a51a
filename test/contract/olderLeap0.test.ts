import { dispose, startEngine } from './engine/startEngine.ts';
import { accountsAt } from './leap0Accounts.ts';
import { OlderServer, wires, type Wire } from './olderServer.ts';
import { keepsItsPromises } from './promises.ts';

for (const [revision, wire] of Object.entries<Wire>(wires)) {
  keepsItsPromises(
    `a Leap0 account, revision ${revision}, on the real engine behind the older words`,
    async () => {
      const engine = await startEngine();
      const server = await OlderServer.start(engine.socketPath, wire);
      const { keyHeader } = wire;
      const sent = keyHeader ? { authHeader: keyHeader, bearer: false } : {};
      const accounts = await accountsAt(server.url, engine.token, sent);
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
