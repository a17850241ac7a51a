import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { host, putHosts } from './sshConfig/hosts.ts';
import { Machine } from './sshConfig/machine.ts';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.dispose());

describe('a rule of the user’s that wins', () => {
  const conflicts = async () => (await machine.do('conflicts', { host: 'local-web-1' })).result;

  it('is named with its option, value, file and line', async () => {
    const included = machine.file(
      join(machine.ssh, 'corp.conf'),
      '# corp\nHost local-*\n  ForwardAgent yes\n',
    );
    await machine.do('add', {});
    await putHosts(machine, [host()]);
    const line = machine.read();
    machine.file(
      machine.config,
      `Include corp.conf\nHost other\n  User nobody\nHost *\n  User ann\nMatch host local-*\n  ProxyJump bastion\nMatch all\n${line}`,
    );
    const proxyCommand = `"${join(machine.ours, 'bin/1/ssh-proxy')}" local-web-1`;
    expect(await conflicts()).toEqual({
      kind: 'read',
      reached: true,
      conflicts: [
        { option: 'user', wanted: 'sandbox', actual: 'ann', rule: { file: machine.config, line: 5 } },
        {
          option: 'proxycommand',
          wanted: proxyCommand,
          actual: 'none',
          rule: { file: machine.config, line: 7 },
        },
        { option: 'forwardagent', wanted: 'no', actual: 'yes', rule: { file: included, line: 3 } },
      ],
    });
  });

  it('is named under Match all, too, and not where that is for other hosts only', async () => {
    await machine.do('add', {});
    await putHosts(machine, [host()]);
    machine.file(join(machine.ssh, 'others.conf'), 'Match all\n  User eve\n');
    const others = 'Host other\n  Include others.conf\n';
    machine.file(machine.config, `${others}Match all\n  User ann\nMatch all\n${machine.read()}`);
    expect(await conflicts()).toMatchObject({
      reached: true,
      conflicts: [{ option: 'user', actual: 'ann', rule: { file: machine.config, line: 4 } }],
    });
  });

  it.each([
    ['SessionType none', 'sessiontype', 'default', 'none'],
    ['StdinNull yes', 'stdinnull', 'no', 'yes'],
  ])('is named where our entries leave an option alone that may break them: %s', async (rule, ...settled) => {
    const [option, wanted, actual] = settled;
    await machine.do('add', {});
    await putHosts(machine, [host()]);
    machine.file(machine.config, `${machine.read()}Host *\n  ${rule}\n`);
    expect(await conflicts()).toMatchObject({
      conflicts: [{ option, wanted, actual, rule: { file: machine.config, line: 3 } }],
    });
  });

  it('is none where it is about sharing, forwards or variables', async () => {
    await machine.do('add', {});
    await putHosts(machine, [host()]);
    machine.file(
      machine.config,
      `${machine.read()}Host *\n  ControlMaster auto\n  LocalForward 8080 localhost:80\n  SetEnv A=b\n  SendEnv LC_*\n`,
    );
    expect(await conflicts()).toMatchObject({ reached: true, conflicts: [] });
  });

  it.each([
    ['on', 'auto', 90],
    ['off', 'no', 107],
  ])(
    'is named where it makes a path that is none for a socket, with sharing %s',
    async (_, sharing, most) => {
      const folder = machine.folder(join(machine.home, 'sockets'));
      const fill = (bytes: number) =>
        join(folder, `%r@%h${'x'.repeat(bytes - Buffer.byteLength(join(folder, 'sandbox@local-web-1')))}`);
      const rule = (bytes: number) =>
        `# mine\nHost *\n  ControlMaster ${sharing}\n  ControlPath "${fill(bytes)}"\n`;
      machine.file(machine.config, rule(most + 1));
      const longSocket = {
        path: fill(most + 1).replace('%r@%h', 'sandbox@local-web-1'),
        most,
        rule: { file: machine.config, line: 5 },
      };
      expect((await machine.do('open', { sandbox: host() })).result?.outcome).toMatchObject({
        reached: true,
        conflicts: [],
        longSocket,
      });
      expect(await conflicts()).toMatchObject({ longSocket });
      for (const allowed of [rule(most), 'Host *\n  ControlMaster auto\n  ControlPath ~/.ssh/%C\n']) {
        machine.file(machine.config, `Include "~/.ssh/sandbox-explorer/config"\n${allowed}`);
        const found = await conflicts();
        expect(found).toMatchObject({ reached: true, conflicts: [] });
        expect(found).not.toHaveProperty('longSocket');
      }
    },
  );

  it('is told from a config that does not lead to our hosts at all', async () => {
    machine.file(machine.config, 'Host *\n  User ann\n');
    await putHosts(machine, [host()]);
    expect(await conflicts()).toMatchObject({ kind: 'read', reached: false });
  });

  it('is told from a config that leads to our hosts only for others', async () => {
    await machine.do('add', {});
    await putHosts(machine, [host()]);
    machine.file(machine.config, `Host other\n${machine.read()}`);
    expect(await conflicts()).toMatchObject({ kind: 'read', reached: false });
  });

  it('is looked for without running what renews', async () => {
    const seen = join(machine.home, 'seen');
    machine.file(
      machine.config,
      `Match exec "printenv SANDBOX_EXPLORER_LOOKING_ONLY > '${seen}'"\n  Port 1\n`,
    );
    await putHosts(machine, [host()]);
    expect(machine.read(seen)).toBe('1\n');
  });

  it('is named by the line where it stands now that ours is above it', async () => {
    machine.file(machine.config, 'Host *\n  StdinNull yes\n');
    expect((await machine.do('open', { sandbox: host() })).result?.outcome).toMatchObject({
      conflicts: [{ option: 'stdinnull', rule: { file: machine.config, line: 3 } }],
    });
  });

  it('cannot be told when ssh cannot read the config, for the reason that it has', async () => {
    await machine.do('add', {});
    await putHosts(machine, [host()]);
    machine.file(machine.config, 'Prot 22\n');
    expect(await conflicts()).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/config: line 1: Bad configuration option: prot$/),
    });
  });
});
