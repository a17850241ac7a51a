import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { Captive, hostWords } from './captive.ts';
import type { Answer } from './client.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

/** The calls about files, each with one path in one place of its request. */
const fileCalls: [name: string, request: (path: string) => object][] = [
  ['ls', (path) => ({ path, recursive: true })],
  ['stat', (path) => ({ path })],
  ['exists', (path) => ({ path })],
  ['tree', (path) => ({ path })],
  ['glob', (path) => ({ path, pattern: '**' })],
  ['grep', (path) => ({ path, pattern: 'o' })],
  ['read-file', (path) => ({ path })],
  ['read-files', (path) => ({ paths: [path] })],
  ['edit-file', (path) => ({ path, edits: [{ find: 'o', replace: 'planted' }] })],
  ['edit-files', (path) => ({ files: [path], find: 'o', replace: 'planted' })],
  ['mkdir', (path) => ({ path, recursive: true })],
  ['mkdir', (path) => ({ path: `${path}/planted` })],
  ['delete', (path) => ({ path, recursive: true })],
  ['set-permissions', (path) => ({ path, mode: '777', owner: 'user' })],
  ['move', (path) => ({ src_path: path, dst_path: '/home/user/moved', overwrite: true })],
  ['move', (path) => ({ src_path: '/home/user/mine', dst_path: path, overwrite: true })],
  ['copy', (path) => ({ src_path: path, dst_path: '/home/user/copy', recursive: true, overwrite: true })],
  ['copy', (path) => ({ src_path: '/home/user/mine', dst_path: path, recursive: true, overwrite: true })],
  ['copy', (path) => ({ src_path: '/home/user/tree', dst_path: path, recursive: true, overwrite: true })],
];

describeForStartersDaily("through the routes of %s's engine,", (options) => {
  const captive = new Captive(options);

  /** Ways to a file and a folder of the host, and to the engine's own, that a sandbox can think of. */
  const ways = () => {
    const { secrets, engine } = captive;
    const deep = '../'.repeat(20);
    return [
      ['to-secret', 'to-secrets', 'to-secrets/secret', 'to-secrets/planted', 'to-secrets/.', 'to-data/token'],
      [
        'to-data/sandboxes',
        'to-root/etc',
        `to-root${secrets}/secret`,
        `above${secrets}/secret`,
        'loop/secret',
      ],
      [`${deep}${secrets}/secret`, `${deep}${engine.dataDir}/token`, 'deep/to-secrets/secret'],
    ]
      .flat()
      .map((path) => `/home/user/${path}`)
      .concat(
        ['1', 'self', 'thread-self'].flatMap((pid) => [
          `/proc/${pid}/root${secrets}/secret`,
          `/proc/${pid}/cwd/../..${secrets}/secret`,
        ]),
        ['/proc/self/fd/0', '/proc/1/fd/0', '/proc/self/fd/3', '/dev/fd/3', '/dev/stdin', '/proc/1/environ'],
        [join(secrets, 'secret'), join(secrets, 'planted'), engine.dataDir, engine.socketPath],
      );
  };

  beforeEach(async () => {
    const { secrets, engine } = captive;
    await captive.tries(
      [
        'chmod -R u+rwX . 2>/dev/null; rm -rf ~/* /tmp/*',
        `ln -s ${secrets}/secret to-secret; ln -s ${secrets} to-secrets; ln -s ${engine.dataDir} to-data`,
        'ln -s /proc/1/root to-root; ln -s ../../../../../../../.. above; ln -s loop loop',
        `mkdir -p deep tree/sub; ln -s ../to-secrets deep/to-secrets; echo own > mine`,
        `ln -s ${secrets} tree/to-secrets; ln -s ${secrets}/secret tree/sub/secret; ln -s mine to-mine`,
      ].join('; '),
    );
  });

  const tryAll = (attempt: (way: string) => Promise<void>) => Promise.all(ways().map(attempt));
  const expectNothing = (answer: Answer, attempt: string) => {
    captive.expectNoLeak(answer, attempt);
    expect([200, 201, 204, 400, 403, 404, 409], `${attempt}: ${answer.status}`).toContain(answer.status);
  };
  const post = (path: string, body: object) =>
    captive.client.call('POST', `${captive.sandbox}/${path}`, body);
  const upload = (path: string, raw: Buffer | string, type: string) =>
    captive.client.call('POST', `${captive.sandbox}/filesystem/${path}`, undefined, {
      raw,
      headers: { 'content-type': type },
    });

  it.each(fileCalls)('%s follows nothing out (call %#)', async (name, request) => {
    await tryAll(async (way) =>
      expectNothing(await post(`filesystem/${name}`, request(way)), `${name} ${way}`),
    );
    captive.expectHostUnchanged();
  });

  it('write-file follows nothing out', async () => {
    await tryAll(async (way) => {
      const query = `path=${encodeURIComponent(way)}&permissions=777`;
      expectNothing(await upload(`write-file?${query}`, 'planted', 'application/octet-stream'), way);
    });
    captive.expectHostUnchanged();
  });

  it('write-files follows nothing out', async () => {
    await tryAll(async (way) => {
      const form = new FormData();
      form.append(way, new Blob(['planted']), way);
      const sent = new Response(form);
      const type = sent.headers.get('content-type') ?? '';
      expectNothing(await upload('write-files', Buffer.from(await sent.arrayBuffer()), type), way);
    });
    captive.expectHostUnchanged();
  });

  it('no pattern leads out', async () => {
    const patterns = [
      '../**',
      '/../**',
      '**/../**',
      `..${captive.secrets}/*`,
      `${captive.secrets}/*`,
      '/**/secret',
    ];
    for (const pattern of patterns) {
      const path = '/home/user';
      expectNothing(await post('filesystem/glob', { path, pattern }), pattern);
      expectNothing(await post('filesystem/grep', { path, pattern: '.', include: pattern }), pattern);
      expectNothing(await post('filesystem/ls', { path, recursive: true, exclude: [pattern] }), pattern);
    }
  });

  it('no name that a program would take for an option or a script leads out', async () => {
    const { secrets } = captive;
    const names = [
      `--target-directory=${secrets}`,
      `-t${secrets}`,
      `$(touch ${secrets}/planted)`,
      `;touch ${secrets}/planted;`,
    ];
    for (const name of names) {
      const path = `/home/user/${name}`;
      expectNothing(await upload(`write-file?path=${encodeURIComponent(path)}`, 'x', 'text/plain'), name);
      for (const [call, request] of fileCalls)
        expectNothing(await post(`filesystem/${call}`, request(path)), name);
    }
    captive.expectHostUnchanged();
  });

  it('no command starts outside', async () => {
    const command = 'pwd; ls -A; cat secret token ../token; echo planted > planted';
    await tryAll(async (cwd) => expectNothing(await post('process/execute', { command, cwd }), cwd));
    captive.expectHostUnchanged();
  });

  it('no terminal starts outside', async () => {
    await tryAll(async (cwd) => {
      const screen = await captive.client.terminal(captive.sandbox, { cwd });
      screen.type('ls -A; cat secret token; echo planted > planted; exit\r');
      await screen.closed;
      captive.expectNoLeak({ bytes: Buffer.from(screen.text, 'latin1') }, cwd);
      expect(screen.text).toMatch(/\$ /);
    });
    captive.expectHostUnchanged();
  });

  it('no name of a snapshot, sandbox or terminal is a path', async () => {
    const { client, sandbox } = captive;
    const name = '../../planted';
    const { status, body } = await post('snapshot/create', { name });
    expect({ status, name: body.name }).toEqual({ status: 201, name });
    expect((await client.call('DELETE', `/v1/snapshot/${body.id}`)).status).toBe(204);
    const twisted = encodeURIComponent(`../sandboxes/${sandbox.split('/').at(-1)}`);
    for (const [method, path] of [
      ['GET', `/v1/sandbox/${twisted}`],
      ['DELETE', `/v1/sandbox/${twisted}`],
      ['DELETE', `/v1/snapshot/${twisted}`],
      ['GET', `${sandbox}/pty/${twisted}`],
    ] as const) {
      expect((await client.call(method, path)).status, path).toBe(404);
    }
    captive.expectHostUnchanged();
  });

  it("what is reached is the sandbox's own", async () => {
    // Else all of the above could hold because nothing works.
    expect((await post('filesystem/read-file', { path: '/home/user/to-mine' })).bytes.toString()).toBe(
      'own\n',
    );
    expect(
      (await post('process/execute', { command: 'cat ../mine', cwd: '/home/user/deep' })).body.stdout,
    ).toBe('own\n');
    const outside = { path: join(captive.secrets, 'secret') };
    expect((await post('filesystem/exists', outside)).body).toEqual({ exists: false });
    await captive.tries(
      `mkdir -p ${captive.secrets}; echo ${hostWords.toUpperCase()} > ${captive.secrets}/secret`,
    );
    expect((await post('filesystem/read-file', outside)).bytes.toString()).toBe(
      `${hostWords.toUpperCase()}\n`,
    );
    captive.expectHostUnchanged();
  });
});
