import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../src/providers/index.ts';
import { Leap0Provider } from '../../src/providers/leap0/provider.ts';
import { revisionB } from '../../src/providers/leap0/revisionB.ts';
import { engineEndpoint } from '../../src/providers/local/connection.ts';
import { stopEngine } from '../tools/engine.mts';
import { root } from '../tools/paths.mts';
import { keepsItsPromises } from './promises.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

keepsItsPromises('the Local account, on the real engine in a real jail', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
  const timeouts = () => ({ callMs: 30_000, createMs: 30_000 });
  const options = { program: join(root, 'dist/engine.js'), dataFolder, log, hide: () => {}, timeouts };
  const find = engineEndpoint(options);
  const stranger = new Leap0Provider({
    ...options,
    endpoint: async () => ({ ...(await find()), headers: { authorization: 'Bearer nobody' } }),
    dialect: revisionB,
    networkLimits: {},
    templates: [],
    timeoutMinutes: 5,
    autoPause: false,
  });
  const provider = openLocal(options);
  return {
    provider,
    stranger,
    dispose: async () => {
      provider.dispose();
      stranger.dispose();
      await stopEngine(dataFolder);
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
});
