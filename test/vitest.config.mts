import { defineConfig } from 'vitest/config';
import { root } from './tools/paths.mts';

export default defineConfig({
  root,
  test: {
    tags: [
      {
        name: 'full',
        description: 'Repeats a promise that another test keeps already: in `npm run test:full` only.',
      },
    ],
    projects: [
      {
        extends: true,
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
        extends: true,
        test: {
          name: 'contract',
          root,
          include: ['test/contract/**/*.test.ts'],
          globalSetup: 'test/tools/buildFirst.mts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        extends: true,
        test: {
          name: 'isolation',
          root,
          include: ['test/isolation/**/*.test.ts'],
          globalSetup: 'test/tools/buildFirst.mts',
          // Each runs a part of another suite.
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'openapi',
          root,
          include: ['test/openapi/**/*.test.ts'],
          globalSetup: 'test/tools/buildFirst.mts',
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'sdk',
          root,
          include: ['test/sdk/**/*.test.ts'],
          globalSetup: 'test/tools/buildFirst.mts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'window',
          root,
          include: ['test/window/**/*.test.ts'],
          globalSetup: 'test/window/setup.ts',
          testTimeout: 120_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
