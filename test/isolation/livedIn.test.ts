import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../contract/engine/client.ts';
import { dispose, removeProgram, type RunningEngine, startEngine } from '../contract/engine/startEngine.ts';
import { homeEnvironment } from '../tools/isolation.mts';
import { root } from '../tools/paths.mts';

const home = mkdtempSync(join(tmpdir(), 'lived in-'));
const agentSocket = join(home, 'agent');
let agent: ChildProcess;
let engine: RunningEngine;

/** The home of a user of the extension who has configured everything. */
beforeAll(async () => {
  chmodSync(home, 0o755);
  write(
    '.ssh/config',
    'Include "~/.ssh/sandbox-explorer/config"\nHost *\n  ProxyCommand false\n  User wrong\n',
  );
  write('.ssh/sandbox-explorer/config', 'Host local-web\n  HostName 192.0.2.1\n');
  write('.gitconfig', '[core]\n  hooksPath = /nowhere\n[commit]\n  gpgSign = true\n');
  for (const name of ['.bashrc', '.bash_profile', '.profile'])
    write(name, "PS1='mine> '; cd /; echo hello\n");
  write('.config/fish/config.fish', 'echo hello\n');
  agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
  const key = join(home, '.ssh/id_ed25519');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const env = { ...process.env, SSH_AUTH_SOCK: agentSocket };
  await eventually(async () => void execFileSync('ssh-add', ['-q', key], { env }));
  engine = await startEngine({ dataDir: join(home, '.local/share/sandbox-explorer') });
});

afterAll(async () => {
  const ended = once(agent, 'exit');
  agent.kill();
  await ended;
  await dispose(engine);
  removeProgram();
  rmSync(home, { recursive: true });
});

function write(name: string, content: string): void {
  const file = join(home, name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, content, { mode: 0o600 });
}

const deadEnd = 'http://127.0.0.1:9';
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...homeEnvironment(home, join(home, 'passwd')),
  SSH_AUTH_SOCK: agentSocket,
  BASH_ENV: join(home, '.bashrc'),
  PROMPT_COMMAND: 'echo hello',
  XDG_DATA_HOME: join(home, '.local/share'),
  XDG_RUNTIME_DIR: home,
  GIT_DIR: join(home, 'nowhere'),
  LANG: 'de_DE.UTF-8',
  LEAP0_API_KEY: 'a key of the user',
  LEAP0_BASE_URL: deadEnd,
  NODE_EXTRA_CA_CERTS: join(home, 'nowhere'),
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  http_proxy: deadEnd,
  https_proxy: deadEnd,
  HTTPS_PROXY: deadEnd,
  all_proxy: deadEnd,
});

it.each([
  ['unit', ['ssh/config/include', 'networkFile', 'resend']],
  ['contract', ['ssh/hosts', 'ssh/commands', 'sshConfigInclude', 'contract/local']],
  ['vscode', ['remoteConfig', 'remoteEditors', 'noResolver']],
  ['window', ['window/ssh', 'newcomer']],
])('the %s tests pass in the home of a user of the extension', async (suite, filters) => {
  const args = ['run', '--silent', `test:${suite}`, '--', ...filters];
  const run = spawn('npm', args, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(run.stdout), once(run, 'close')]);
  expect(output.trim().split('\n').at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
  expect(code).toBe(0);
});
