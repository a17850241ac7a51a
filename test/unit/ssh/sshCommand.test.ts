import { describe, expect, it } from 'vitest';
import { readSshCommand } from '../../../src/ssh/sshCommand.ts';

describe('an SSH command', () => {
  it.each([
    ['ssh me@host.example', 'me', 'host.example', 22],
    ['ssh -p 2222 me@host.example', 'me', 'host.example', 2222],
    ['ssh me@host.example -p 2222', 'me', 'host.example', 2222],
    ['ssh me@host.example -p 65535', 'me', 'host.example', 65_535],
    ['ssh acc_01J-x.y+z@ssh.leap0.dev', 'acc_01J-x.y+z', 'ssh.leap0.dev', 22],
    [
      'ssh 3f2504e0-4f89-11d3-9a0c-0305e82c3301@localhost',
      '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
      'localhost',
      22,
    ],
    ['ssh -p 40123 me@127.0.0.1', 'me', '127.0.0.1', 40_123],
    ['ssh me@[2001:db8::1]', 'me', '2001:db8::1', 22],
    ['ssh -p 2222 me@2001:db8::1', 'me', '2001:db8::1', 2222],
    ['ssh me@[::ffff:192.0.2.1] -p 22', 'me', '::ffff:192.0.2.1', 22],
    ['ssh me@xn--bcher-kva.example', 'me', 'xn--bcher-kva.example', 22],
    ['ssh me@1.example', 'me', '1.example', 22],
  ])('tells where to connect to: %s', (text, user, host, port) => {
    expect(readSshCommand(text)).toEqual({ user, host, port });
  });

  it.each([
    ['nothing', ''],
    ['another program', 'sh -c id@host'],
    ['no user', 'ssh host.example'],
    ['an empty user', 'ssh @host.example'],
    ['an empty host', 'ssh me@'],
    ['two hosts', 'ssh me@host me@other'],
    ['two users', 'ssh me@other@host'],
    ['a remote command', 'ssh me@host.example id'],
    ['an option', 'ssh -o ProxyCommand=id me@host.example'],
    ['an option without a blank', 'ssh -oProxyCommand=id me@host.example'],
    ['an option after the host', 'ssh me@host.example -oProxyCommand=id'],
    ['another option', 'ssh -A me@host.example'],
    ['an option that ends options', 'ssh -- me@host.example'],
    ['a host that is an option', 'ssh me@-oProxyCommand=id'],
    ['a user that is an option', 'ssh -oProxyCommand=id@host'],
    ['a label that begins with a dash', 'ssh me@a.-b.example'],
    ['a port twice', 'ssh -p 22 me@host.example -p 23'],
    ['a port of zero', 'ssh -p 0 me@host.example'],
    ['a port that is too high', 'ssh -p 65536 me@host.example'],
    ['a port that is no number', 'ssh -p 2x me@host.example'],
    ['a negative port', 'ssh -p -1 me@host.example'],
    ['a port with a leading zero', 'ssh -p 022 me@host.example'],
    ['a port without a number', 'ssh me@host.example -p'],
    ['a port behind a colon', 'ssh me@host.example:2222'],
    ['a URL', 'ssh ssh://me@host.example'],
    ['two blanks', 'ssh  me@host.example'],
    ['a blank in front', ' ssh me@host.example'],
    ['a blank at the end', 'ssh me@host.example '],
    ['a tab', 'ssh\tme@host.example'],
    ['a no-break space', 'ssh\u00a0me@host.example'],
    ['a second line', 'ssh me@host.example\nid'],
    ['a final line feed', 'ssh me@host.example\n'],
    ['a carriage return', 'ssh me@host.example\r'],
    ['a NUL', 'ssh me@host.example\0'],
    ['a shell command behind it', 'ssh me@host.example;id'],
    ['a shell substitution', 'ssh $(id)@host.example'],
    ['a back-tick', 'ssh me@`id`'],
    ['a quoted user', 'ssh "me"@host.example'],
    ['a token of ssh_config', 'ssh %r@%h'],
    ['a Cyrillic look-alike in the host', 'ssh me@\u0440aypal.example'],
    ['a full-width at sign', 'ssh me\uff20host.example'],
    ['a dash that is none', 'ssh \u2013p 22 me@host.example'],
    ['a full-width digit', 'ssh -p \uff12\uff12 me@host.example'],
    ['a zero-width space', 'ssh me@host\u200b.example'],
    ['a mark that turns the writing', 'ssh me@host\u202e.example'],
    ['an empty label', 'ssh me@host..example'],
    ['a final dot', 'ssh me@host.example.'],
    ['a label that is too long', `ssh me@${'a'.repeat(64)}.example`],
    ['a name that is too long', `ssh me@${'abcd.'.repeat(51)}example`],
    ['a number for an address', 'ssh me@2130706433'],
    ['a short form of an address', 'ssh me@127.1'],
    ['a hexadecimal address', 'ssh me@0x7f.0x0.0x0.0x1'],
    ['an octal address', 'ssh me@0177.0.0.1'],
    ['an address that is none', 'ssh me@256.0.0.1'],
    ['brackets around a name', 'ssh me@[host.example]'],
    ['brackets around IPv4', 'ssh me@[192.0.2.1]'],
    ['brackets that do not close', 'ssh me@[::1'],
    ['an IPv6 address with a zone', 'ssh me@[fe80::1%eth0]'],
    ['a port behind brackets', 'ssh me@[::1]:22'],
    ['a user that is too long', `ssh ${'u'.repeat(129)}@host.example`],
    ['a megabyte', `ssh ${'a.'.repeat(500_000)}@host`],
  ])('is refused with %s', (_, text) => {
    expect(() => readSshCommand(text)).toThrow(
      expect.objectContaining({ name: 'ProviderError', kind: 'protocol' }),
    );
  });

  it('is shown in the refusal without what could trick a reader', () => {
    expect(() => readSshCommand('ssh \u001b[31mme@host\u202e\n')).toThrow(
      "The service's SSH command is not understood: ssh  [31mme@host",
    );
  });
});
