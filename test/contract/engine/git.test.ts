import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

let engine: RunningEngine;
let client: Client;
let sandbox: string;

beforeAll(async () => {
  engine = await startEngine();
  client = new Client(engine);
  sandbox = await client.create();
  await client.run(
    sandbox,
    'git init --bare --initial-branch=main origin.git; git config --global user.name me',
  );
});
afterAll(() => dispose(engine));

const call = (name: string, body: object) => client.call('POST', `${sandbox}/git/${name}`, body);
async function git(name: string, body: object = {}): Promise<string> {
  const { status, body: answer } = await call(name, { path, ...body });
  const { output, exit_code } = answer.result ?? answer;
  if (status !== 200 || exit_code !== 0) throw new Error(`${name}: ${status} ${JSON.stringify(answer)}`);
  return output;
}
const path = '/home/user/repo';
const author = { author: 'A. Author', email: 'author@example.com' };

it('carries a repository from its clone to its push', async () => {
  await git('clone', { url: '/home/user/origin.git' });
  await client.run(sandbox, 'cd repo && echo one > file && echo two > -n');
  await git('add', { files: ['file', '-n'] });
  expect(await git('status')).toContain('1 A. N');
  expect(await git('diff-staged', { context_lines: 0 })).toContain('+one');
  await git('reset');
  await git('add', { files: ['.'] });
  const { body } = await call('commit', { path, message: "it's\n\n--the first", ...author });
  expect(body).toMatchObject({ sha: expect.stringMatching(/^[0-9a-f]{40}$/), result: { exit_code: 0 } });
  expect(await git('show', { revision: body.sha })).toMatch(
    /A\. Author <author@example\.com>[^]*it's[^]*--the first/,
  );
  await git('push', { set_upstream: true, branch: 'main' });
  expect(await git('branches', { branch_type: 'all' })).toContain('remotes/origin/main');
});

it('makes, takes and deletes branches', async () => {
  await git('create-branch', { name: 'side', checkout: true, base_branch: 'main' });
  await client.run(sandbox, 'cd repo && echo three >> file');
  expect(await git('diff-unstaged')).toContain('+three');
  expect(await git('diff', { target: 'main' })).toContain('+three');
  await git('add', { files: ['file'] });
  await git('commit', { message: 'more', ...author });
  expect(await git('branches', { not_contains: 'side' })).toMatch(/^\s+main$/m);
  await git('checkout-branch', { branch: 'main' });
  expect((await call('delete-branch', { path, name: 'side' })).body.exit_code).not.toBe(0);
  await git('delete-branch', { name: 'side', force: true });
  await git('checkout-branch', { branch: 'new', create: true });
  await git('checkout-branch', { branch: 'main', create: true });
  await git('pull', { rebase: true });
  expect((await git('log', { max_count: 1 })).match(/^commit /gm)).toHaveLength(1);
});

it('never takes a name for an option or a file', async () => {
  await client.run(sandbox, 'cd repo && echo changed > file');
  expect((await call('checkout-branch', { path, branch: 'file' })).body.exit_code).not.toBe(0);
  expect(await client.run(sandbox, 'cat repo/file')).toBe('changed\n');
  const url = '--upload-pack=touch /home/user/broken';
  expect(await call('clone', { path: '/home/user/x', url })).toMatchObject({ status: 400 });
  expect(await call('show', { path, revision: '--output=/home/user/broken' })).toMatchObject({ status: 400 });
  expect(await client.run(sandbox, 'ls broken 2>&1')).toContain('No such file');
});

it('answers with the failure of git, and of what is no repository', async () => {
  expect(await call('status', { path: '/home/user' })).toMatchObject({
    status: 200,
    body: { exit_code: 128, output: expect.stringContaining('not a git repository') },
  });
  const { body } = await call('status', { path: '/no/such' });
  expect(body).toMatchObject({ output: expect.stringContaining("can't cd") });
  expect(body.exit_code).not.toBe(0);
  expect((await call('commit', { path: '/home/user', message: 'x' })).body).toMatchObject({ sha: '' });
});

it('logs in with a name and a password, and neither stores nor shows them', async () => {
  await client.run(
    sandbox,
    `perl -MSocket -e '
      socket S, PF_INET, SOCK_STREAM, 0; setsockopt S, SOL_SOCKET, SO_REUSEADDR, 1;
      bind S, pack_sockaddr_in(8418, INADDR_LOOPBACK); listen S, 9;
      while (accept C, S) {
        my $head = ""; while (sysread C, my $b, 4096) { $head .= $b; last if $head =~ /\\r\\n\\r\\n/ }
        open F, ">>", "seen"; syswrite F, $head; close F;
        syswrite C, "HTTP/1.1 401 No\\r\\nWWW-Authenticate: Basic realm=\\"x\\"\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n";
        close C;
      }' >/dev/null 2>&1 &`,
  );
  const login = { username: 'x-access-token', password: "it's $ecret" };
  const request = { path: '/home/user/y', url: 'http://127.0.0.1:8418/a.git', ...login };
  await eventually(async () => {
    await call('clone', request);
    const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    expect(await client.run(sandbox, 'cat seen')).toContain(`Basic ${basic}`);
  });
  const { body } = await call('clone', request);
  expect(body.exit_code).not.toBe(0);
  expect(JSON.stringify(body)).not.toContain('ecret');
  expect(await client.run(sandbox, 'grep -rl ecret . || echo nowhere')).toBe('nowhere\n');
});
