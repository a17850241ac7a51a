/** The files of `/etc` that a jail does not share with the host. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameserver } from './network.ts';

/** Files of the host that programs in `/usr` need; none tells anything about its people. */
export const sharedEtc = [
  'alternatives',
  'ca-certificates',
  'crypto-policies',
  'debian_version',
  'fonts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'os-release',
  'perl',
  'pki/ca-trust',
  'pki/tls/certs',
  'protocols',
  'python3',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
] as const;

const profile = String.raw`# Read by login shells.
if [ -n "$BASH_VERSION" ]; then
  export PS1='user@\h:\w$ '
  alias ls='ls --color=auto' grep='grep --color=auto'
  if [ -f ~/.bashrc ] && [ ! -f ~/.bash_profile ] && [ ! -f ~/.profile ]; then . ~/.bashrc; fi
else
  export PS1='$ '
fi
`;

/** Writes them into `folder`, one file each, and names them. */
export function writeSystemFiles(folder: string, hostname: string): string[] {
  const files: Record<string, string> = {
    passwd:
      'user:x:0:0:user:/home/user:/bin/bash\nroot:x:0:0:root:/home/user:/bin/bash\n' +
      'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    group: 'user:x:0:\nroot:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
    hostname: `${hostname}\n`,
    hosts: `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n::1 localhost ip6-localhost ip6-loopback\n`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n',
    'resolv.conf': `nameserver ${nameserver}\n`,
    profile,
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o644 });
  return Object.keys(files);
}
