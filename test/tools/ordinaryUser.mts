import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { readFileSync } from 'node:fs';

export interface OrdinaryUser {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

const name = 'sandbox-explorer-test';

/** Somebody without privileges: ourselves, or for root a system user that is made once and kept. */
export function ordinaryUser(): OrdinaryUser {
  const me = userInfo();
  if (me.uid !== 0) return { name: me.username, uid: me.uid, gid: me.gid, home: me.homedir };
  const existing = findUser();
  if (existing) return existing;
  execFileSync('useradd', ['--system', '--user-group', '--create-home', '--shell', '/bin/bash', name]);
  const made = findUser();
  if (!made) throw new Error(`useradd made no user ${name}`);
  return made;
}

function findUser(): OrdinaryUser | undefined {
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n');
  const [, , uid, gid, , home] = entries.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
  return home ? { name, uid: Number(uid), gid: Number(gid), home } : undefined;
}
