import type { SshFolder } from './folder.ts';
import { proxyCommand } from './proxyCommand.ts';

/**
 * The entry of a host that is reached through ssh-proxy, for an SSH config. It settles what a user's own `Host *` could
 * settle otherwise so that the connection broke, or an agent, key or display of theirs went to a sandbox. What they want
 * of connections stays theirs: sharing, forwards, variables. Every option is one that OpenSSH 7.6 knows, for an unknown
 * one breaks every host of the user: a newer one is only looked at, see `findConflicts`.
 * @param launcher What `install` has put there.
 */
export function hostEntry(folder: SshFolder, launcher: string, host: string): string {
  return [
    `Host ${host}`,
    '  User sandbox',
    // It keeps out every later ProxyJump, too. `ProxyJump none` would say so, but open-remote-ssh takes it for a host.
    `  ProxyCommand ${proxyCommand(launcher, host)}`,
    // The connection goes on through ssh-proxy, which hands over no socket of its own.
    '  ProxyUseFdpass no',
    // The name is nobody's but ours, and no server knows it.
    '  CanonicalizeHostname no',
    `  HostKeyAlias ${host}`,
    `  UserKnownHostsFile ${configWord(folder.knownHosts)}`,
    '  StrictHostKeyChecking yes',
    '  UpdateHostKeys no',
    // Both ends are on this machine; what a user chose for strangers need not leave these two a common language.
    '  HostKeyAlgorithms ssh-ed25519',
    '  KexAlgorithms curve25519-sha256',
    '  Ciphers aes128-gcm@openssh.com',
    // ssh-proxy lets in whoever has started it: nothing else is to be tried, or asked for.
    '  PreferredAuthentications none',
    '  PubkeyAuthentication no',
    '  IdentitiesOnly yes',
    // Nothing here needs a key, and an agent may ask its user before it even tells which ones it has.
    '  IdentityAgent none',
    '  ForwardAgent no',
    '  ForwardX11 no',
    '  PermitLocalCommand no',
    '  RemoteCommand none',
    // A terminal would mangle what rsync and git send, and Remote-SSH needs the forwards that it asks for.
    '  RequestTTY auto',
    '  ClearAllForwardings no',
    '',
  ].join('\n');
}

/** Quoted, with what OpenSSH would expand left as it is. */
function configWord(path: string): string {
  // OpenSSH for Windows takes both kinds of slashes, and a backslash for an escape.
  const slashed = process.platform === 'win32' ? path.replaceAll('\\', '/') : path.replaceAll('\\', '\\\\');
  return `"${slashed.replaceAll('"', String.raw`\"`).replaceAll('%', '%%')}"`;
}
