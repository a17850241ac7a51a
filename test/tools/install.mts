// Finds what the engine and the tests need of the system, and installs it when it may.
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { findChromium } from './chromium.mts';
import { findProgram } from './findProgram.mts';
import { nssWrapper } from './isolation.mts';
import { quietly, show } from './run.mts';

/**
 * Debian's package for every program: the jail and its network, what tests look with, VS Code's native modules, and
 * what people use SSH from and with.
 */
const packages: Record<string, string> = {
  bwrap: 'bubblewrap',
  slirp4netns: 'slirp4netns',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  script: 'bsdutils',
  ps: 'procps',
  openssl: 'openssl',
  python3: 'python3',
  make: 'make',
  'g++': 'g++',
  ssh: 'openssh-client',
  '/usr/lib/openssh/sftp-server': 'openssh-sftp-server',
  rsync: 'rsync',
  git: 'git',
  busybox: 'busybox',
  fish: 'fish',
  tcsh: 'tcsh',
  [nssWrapper]: 'libnss-wrapper',
};

function missingPackages(): string[] {
  const missing = Object.keys(packages).filter((program) => !isThere(program));
  const needed = missing.flatMap((program) => packages[program] ?? []);
  if (!findChromium()) needed.push(isUbuntu() ? 'chromium-browser' : 'chromium');
  return [...new Set(needed)];
}

const isThere = (program: string): boolean =>
  isAbsolute(program) ? existsSync(program) : findProgram(program) !== undefined;

function isUbuntu(): boolean {
  try {
    return /^ID=ubuntu$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** What to put before a command that only root may run; undefined when we may not become root unasked. */
async function rootPrefix(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  if (!findProgram('sudo')) return undefined;
  return await quietly('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => undefined,
  );
}

async function aptGet(prefix: string[], ...args: string[]): Promise<boolean> {
  const line = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
  const [command = 'env', ...rest] = line;
  return (await show(command, rest)) === 0;
}

async function aptInstall(prefix: string[], wanted: string[]): Promise<void> {
  const install = () => aptGet(prefix, 'install', '-y', '--no-install-recommends', ...wanted);
  console.error(`Installing ${wanted.join(', ')} (a minute or two) …`);
  if (await install()) return;
  console.error('Getting fresh package lists, and trying again …');
  await aptGet(prefix, 'update');
  await install();
}

/** Everything that is missing is installed, or an error says exactly what to install. */
export async function installMissing(): Promise<void> {
  const wanted = missingPackages();
  if (wanted.length === 0) return;
  const prefix = findProgram('apt-get') && (await rootPrefix());
  if (prefix) await aptInstall(prefix, wanted);
  const still = missingPackages();
  if (still.length === 0) return;
  throw new Error(
    `These packages are missing: ${still.join(', ')}. On Debian or Ubuntu:\n` +
      `  sudo apt-get install --no-install-recommends ${still.join(' ')}`,
  );
}
