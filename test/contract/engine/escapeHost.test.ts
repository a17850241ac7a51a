import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Captive, hostWords } from './captive.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

describeForStartersDaily("out of a jail of %s's engine,", (options) => {
  const captive = new Captive(options);
  const tries = (command: string) => captive.tries(command);

  it('nothing can be written but the home folder and temporary files', async () => {
    const folders = '/ /usr /usr/bin /etc /bin /var /run /home /proc /proc/sys/kernel /sys';
    const touch = `for d in ${folders}; do touch $d/x 2>/dev/null && echo $d; done; touch ~/x /tmp/x; echo end`;
    expect(await tries(touch)).toBe('end\n');
    const files = '/usr/bin/env /etc/passwd /etc/hosts /proc/sys/kernel/core_pattern /proc/sysrq-trigger';
    const append = `for f in ${files}; do (echo x >> $f) 2>/dev/null && echo $f; done; echo end`;
    expect(await tries(append)).toBe('end\n');
    await tries(`mkdir -p ${captive.secrets}; echo planted > ${captive.secrets}/secret`);
    captive.expectHostUnchanged();
  });

  it("the host's files, homes and devices are not there", async () => {
    const { dataDir } = captive.engine;
    const paths = '/root /home/*/.ssh /etc/shadow /etc/ssh /var/lib /opt /sys /boot /mnt /srv';
    await tries('rm -rf /tmp/* /tmp/.[!.]*');
    expect(await tries(`ls -d ${paths} ${captive.secrets} ${dataDir} 2>/dev/null; echo end`)).toBe('end\n');
    expect(await tries('ls -A /home /run /tmp /var/tmp/')).toBe(
      '/home:\nuser\n\n/run:\n\n/tmp:\n\n/var/tmp/:\n',
    );
    const devices = 'console core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero';
    expect(devices.split(' ')).toEqual(expect.arrayContaining((await tries('ls /dev')).trim().split('\n')));
  });

  it("the host's files are not behind the links that it makes either", async () => {
    const { dataDir, token } = captive.engine;
    const file = join(dataDir, 'token');
    await tries(`ln -sf ${file} token; ln -sfn ${dataDir} data; ln -sf /proc/1/root/${file} there`);
    const reads =
      'cat token data/token there /proc/1/root/etc/shadow /proc/*/root/etc/shadow /proc/*/cwd/token';
    expect(await tries(reads)).not.toContain(token);
    // What the engine does with the disk when it starts again follows none of them.
    await captive.client.call('POST', `${captive.sandbox}/stop`);
    await captive.client.call('POST', `${captive.sandbox}/start`);
    captive.expectHostUnchanged();
  });

  it("no environment of the host's, nor its descriptors, can be read", async () => {
    const environments = await tries('env; cat /proc/*/environ | tr "\\0" "\\n"');
    expect(environments).toContain('HOME=/home/user');
    expect(environments).not.toMatch(/HOST_SECRET|of the host/);
    await captive.client.terminal(captive.sandbox);
    expect(await tries('ls -l /proc/*/fd')).not.toContain(captive.secrets);
    const readAll = 'for f in /proc/*/fd/*; do timeout 0.1 head -c 20 $f 2>/dev/null; done';
    expect(await tries(readAll)).not.toContain(hostWords);
    captive.expectHostUnchanged();
  });

  it('no process of the host can be seen or signalled', async () => {
    const bystander = spawn('sleep', ['888'], { stdio: 'ignore' });
    expect(await tries('ps -eo args')).not.toMatch(/888|engine\.js|bwrap|slirp/);
    expect(
      await tries(`ls -d /proc/${bystander.pid} /proc/${captive.engine.pid} 2>/dev/null; echo end`),
    ).toBe('end\n');
    await tries(`kill -9 ${bystander.pid} ${captive.engine.pid} 2>/dev/null; kill -9 -1`);
    expect(bystander.exitCode ?? bystander.signalCode).toBe(null);
    expect(await captive.client.state(captive.sandbox)).toBe('running');
    bystander.kill();
    await once(bystander, 'exit');
  });

  it("no shared memory of the host's is there", async () => {
    const file = `/dev/shm/engine-escape-${process.pid}`;
    writeFileSync(file, hostWords, { mode: 0o666 });
    const id = /\d+/.exec(execFileSync('ipcmk', ['-M', '100', '-p', '666'], { encoding: 'utf8' }))?.[0] ?? '';
    try {
      expect(await tries('ls -A /dev/shm')).toBe('');
      expect(await tries('tail -n +2 /proc/sysvipc/shm')).toBe('');
      await tries(`ipcrm -m ${id}`);
      expect(execFileSync('ipcs', ['-m', '-i', id], { encoding: 'utf8' })).toContain(`shmid=${id}`);
    } finally {
      rmSync(file);
      execFileSync('ipcrm', ['-m', id]);
    }
  });

  it('no other sandbox can be read, seen or signalled', async () => {
    const { client } = captive;
    const other = await client.create();
    await client.run(other, `echo ${hostWords} | tee file > /tmp/file; sleep 889 >/dev/null 2>&1 &`);
    const disk = captive.diskOf(other);
    await tries(
      `ln -sfn ${disk} other; ln -sfn ../../../../../../..${disk} above; ln -sfn ../${other.split('/').at(-1)} next`,
    );
    const reads = `cat ${disk}/file {other,above,next}/file {other,above,next}/disk/file /tmp/file /proc/*/root/tmp/file`;
    expect(await tries(reads)).not.toContain(hostWords);
    expect(await tries('ps -eo args')).not.toContain('889');
    await tries('kill -9 -1');
    expect(await client.run(other, 'pgrep -fc "[s]leep 889"; cat file')).toBe(`1\n${hostWords}\n`);
    await client.call('DELETE', other);
  });

  it('the terminal that the engine was started from is out of reach', async () => {
    expect(await tries('(echo x > /dev/tty) 2>&1')).toMatch(/No such device/);
    expect(await tries('tty; ps -o tty= -p $$')).toBe('not a tty\n?\n');
  });
});
