import { defineConfig } from 'vitest/config';
import { root } from './tools/paths.mts';

export default defineConfig({
  root,
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: ['test/unit/**/*.test.ts'],
          // The machine may be busy with something else.
          testTimeout: 20_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'contract',
          root,
          include: ['test/contract/**/*.test.ts'],
          globalSetup: 'test/tools/buildFirst.mts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
          // One file's sandboxes would slow down what another one times.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'openapi',
          root,
          include: ['test/openapi/**/*.test.ts'],
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'sdk',
          root,
          include: ['test/sdk/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'window',
          root,
          include: ['test/window/**/*.test.ts'],
          globalSetup: 'test/window/setup.ts',
          testTimeout: 120_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
          // A window needs a processor of its own to be as quick as its tests expect.
          fileParallelism: false,
        },
      },
    ],
  },
});
