import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Leap0Api } from '../../src/providers/leap0/api.ts';
import { revisionA } from '../../src/providers/leap0/revisionA.ts';
import { revisionB } from '../../src/providers/leap0/revisionB.ts';
import type { CreateRequest } from '../../src/sandboxes/provider.ts';
import { startPrism, type Prism } from '../tools/prism.mts';
import { networkOf } from '../unit/net/testClient.ts';
import { documentPath } from './document.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let prism: Prism;
let api: Leap0Api;
beforeAll(async () => {
  prism = await startPrism(documentPath());
  api = new Leap0Api({
    dialect: revisionB,
    endpoint: async () => ({ origin: prism.url, headers: { authorization: 'Bearer key' } }),
    network: networkOf({}),
    log,
    hide: () => {},
    timeouts: () => ({ callMs: 10_000, createMs: 10_000 }),
  });
});
afterAll(async () => {
  api.dispose();
  await prism.stop();
});

const create: CreateRequest = {
  template: 'system/debian:bookworm',
  vcpu: 1,
  memoryMib: 1024,
  timeoutMinutes: 5,
  autoPause: true,
};
const network = {
  mode: 'custom',
  allowDomains: ['pypi.org'],
  allowCidrs: ['10.0.0.0/24'],
  transforms: [{ domain: 'api.test.dev', injectHeaders: { 'X-Key': 'k' }, stripHeaders: ['X-Debug'] }],
} as const;
const restore = { name: 'warm', timeoutMinutes: 480, autoPause: true };
const env = { TERM: 'xterm' };
const session = { cols: 80, rows: 24 };
const paths = {
  snapshots: revisionB.snapshotList ?? (() => ''),
  presignedUrls: revisionB.presignedUrls?.('sb') ?? '',
};

type Call = [method: keyof Leap0Api, with_: string, call: () => Promise<unknown>];

const calls: Call[] = [
  ['proveKey', 'nothing', () => api.proveKey({})],
  ['list', 'nothing', () => api.list({})],
  ['get', 'an ID', () => api.get('sb', {})],
  ['create', 'what is needed', () => api.create(create, {})],
  [
    'create',
    'the most of everything',
    () => api.create({ ...create, vcpu: 8, memoryMib: 8192, timeoutMinutes: 480, env, network }, {}),
  ],
  ['create', 'no network', () => api.create({ ...create, network: { mode: 'deny-all' } }, {})],
  ['change', 'pause', () => api.change('sb', 'pause', {})],
  ['change', 'stop', () => api.change('sb', 'stop', {})],
  ['change', 'start', () => api.change('sb', 'start', {})],
  ['delete', 'an ID', () => api.delete('sb', {})],
  ['execute', 'a command', () => api.execute('sb', 'true', {})],
  ['execute', 'a folder and variables', () => api.execute('sb', 'true', { cwd: '/', env, timeoutMs: 900 })],
  ['listSessions', 'an ID', () => api.listSessions('sb', {})],
  ['createSession', 'what is needed', () => api.createSession('sb', session, {})],
  ['createSession', 'everything', () => api.createSession('sb', { ...session, id: 's', cwd: '/', env }, {})],
  ['getSession', 'an ID', () => api.getSession('sb', 's', {})],
  ['resizeSession', 'a size', () => api.resizeSession('sb', 's', 120, 40)],
  ['deleteSession', 'an ID', () => api.deleteSession('sb', 's', {})],
  ['createSnapshot', 'nothing', () => api.createSnapshot('sb', {}, {})],
  ['createSnapshot', 'everything', () => api.createSnapshot('sb', { name: 'n', deleteSandbox: true }, {})],
  ['restoreSnapshot', 'what is needed', () => api.restoreSnapshot(restore, {})],
  ['restoreSnapshot', 'everything', () => api.restoreSnapshot({ ...restore, network }, {})],
  ['listSnapshots', 'nothing', () => api.listSnapshots(paths.snapshots, {})],
  ['deleteSnapshot', 'an ID', () => api.deleteSnapshot('sn', {})],
  ['createPresignedUrl', 'a port', () => api.createPresignedUrl(paths.presignedUrls, { port: 80 }, {})],
  [
    'createPresignedUrl',
    'a port and a time',
    () => api.createPresignedUrl(paths.presignedUrls, { port: 65_535, expiresInSeconds: 1 }, {}),
  ],
  ['createSshAccess', 'an ID', () => api.createSshAccess('sb', {})],
  [
    'validateSshAccess',
    'a password',
    () => api.validateSshAccess('sb', { accessId: 's', password: 'p' }, {}),
  ],
  ['regenerateSshAccess', 'an ID', () => api.regenerateSshAccess(revisionB.ssh.set('sb', 's'), {})],
  ['deleteSshAccess', 'an ID', () => api.deleteSshAccess(revisionB.ssh.set('sb', 's'), {})],
  ['deletePresignedUrl', 'an ID', () => api.deletePresignedUrl(paths.presignedUrls, 'u', {})],
];

describe("the client's call", () => {
  it.each(calls)(
    '%s, with %s, is as the document has it, and so is what it understands',
    async (_, _with, call) => {
      await expect(call()).resolves.not.toThrow();
    },
  );

  it('is among these, whichever it is', () => {
    const methods = Object.getOwnPropertyNames(Leap0Api.prototype);
    const others = ['constructor', 'dispose'];
    const called = calls.map(([method]) => method);
    expect(new Set([...called, ...others])).toEqual(new Set(methods));
  });

  it('would be refused if it were not', async () => {
    await expect(api.create({ ...create, vcpu: 9 }, {})).rejects.toMatchObject({ kind: 'invalid' });
    await expect(api.listSnapshots(() => '/v1/snapshots/', {})).rejects.toMatchObject({ kind: 'notFound' });
    const older = revisionA.ssh.anySet('sb');
    await expect(api.regenerateSshAccess(older, {})).rejects.toMatchObject({ status: 405 });
  });
});
