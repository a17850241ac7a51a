import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './client.ts';
import { Files, refusalOf } from './files.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

describeForStarters("files, on %s's engine,", (options) => {
  const files = new Files(options);
  let folder: string;
  beforeEach(async () => (folder = await files.newFolder()));

  describe('changed', () => {
    it('are folders made with a mode', async () => {
      expect((await files.call('mkdir', { path: `${folder}/a` })).status).toBe(204);
      expect((await files.call('mkdir', { path: `${folder}/b`, permissions: '700' })).status).toBe(204);
      expect((await files.call('mkdir', { path: `${folder}/c/d/e`, recursive: true })).status).toBe(204);
      expect((await files.call('mkdir', { path: `${folder}/c/d/e`, recursive: true })).status).toBe(204);
      expect(await files.run(`cd ${folder}; stat -c '%a %n' a b c/d/e`)).toBe('755 a\n700 b\n755 c/d/e\n');
      expect(await files.refusal('mkdir', { path: `${folder}/a` })).toBe('409 path: file exists');
      expect(await files.refusal('mkdir', { path: `${folder}/x/y` })).toBe(
        '404 path: no such file or directory',
      );
      expect(await files.refusal('mkdir', { path: `${folder}/x`, permissions: '9' })).toBe('400 permissions');
    });

    it('are removed, folders only when they are empty or it is asked for, links without what they lead to', async () => {
      await files.run(`cd ${folder}; mkdir -p full/x empty; touch full/file; ln -s full link`);
      expect((await files.call('delete', { path: `${folder}/link`, recursive: true })).status).toBe(204);
      expect((await files.call('delete', { path: `${folder}/empty` })).status).toBe(204);
      expect(await files.refusal('delete', { path: `${folder}/full` })).toBe('400 path');
      expect(await files.run(`ls ${folder}/full`)).toBe('file\nx\n');
      expect((await files.call('delete', { path: `${folder}/full`, recursive: true })).status).toBe(204);
      expect((await files.call('delete', { path: `${folder}/full`, recursive: true })).status).toBe(404);
      for (const path of ['/usr/bin/env', '/etc/passwd']) {
        expect(await files.refusal('delete', { path, recursive: true }), path).toMatch(/^(403|400) path/);
      }
      expect(await files.refusal('delete', { path: '/', recursive: true })).toBe('400 path');
    });

    it('get the mode and owner that they are given', async () => {
      await files.write(`${folder}/file`, 'x');
      const set = (body: object) => files.call('set-permissions', { path: `${folder}/file`, ...body });
      expect((await set({ mode: '4750', owner: 'user', group: 'root' })).status).toBe(204);
      expect(await files.run(`stat -c %a ${folder}/file`)).toBe('4750\n');
      expect(refusalOf(await set({}))).toBe('400 mode');
      expect(refusalOf(await set({ mode: 'u+x' }))).toBe('400 mode');
      expect(refusalOf(await set({ owner: 'stranger' }))).toBe('400 owner');
      expect(refusalOf(await set({ owner: '1234' }))).toBe('400 owner');
      expect(refusalOf(await set({ group: 'stranger' }))).toBe('400 group');
      expect((await files.call('set-permissions', { path: `${folder}/none`, mode: '755' })).status).toBe(404);
    });

    it('are moved, over another only when asked for', async () => {
      await files.run(`cd ${folder}; echo one > a; echo two > b; mkdir -p full/x other`);
      const move = (from: string, to: string, overwrite?: boolean) =>
        files.call('move', { src_path: `${folder}/${from}`, dst_path: `${folder}/${to}`, overwrite });
      expect((await move('a', 'c')).status).toBe(204);
      expect(refusalOf(await move('b', 'c'))).toBe('409 dst_path: already exists');
      expect((await move('b', 'c', true)).status).toBe(204);
      expect((await move('c', 'c', true)).status).toBe(204);
      expect(await files.text(`${folder}/c`)).toBe('two\n');
      expect((await move('c', 'full', true)).status).toBe(204);
      expect(await files.run(`cd ${folder}; cat full; ls -A`)).toBe('two\nfull\nother\n');
      expect((await move('none', 'x')).status).toBe(404);
      expect(refusalOf(await move('full', 'none/x'))).toBe('404 dst_path: no such file or directory');
    });

    it('come back when a move over a folder fails', async () => {
      await files.run(`cd ${folder}; mkdir -p a/b/c; touch a/b/c/file`);
      const move = (from: string, to: string) =>
        files.call('move', { src_path: `${folder}/${from}`, dst_path: `${folder}/${to}`, overwrite: true });
      expect(refusalOf(await move('a', 'a/b'))).toBe('400 dst_path');
      expect(refusalOf(await move('a/b', 'a'))).toBe('400 dst_path');
      expect(refusalOf(await move('a/b/c/file', 'a'))).toBe('400 dst_path');
      expect(await files.run(`cd ${folder}; find . | sort`)).toBe('.\n./a\n./a/b\n./a/b/c\n./a/b/c/file\n');
      // A link is moved itself, wherever it leads.
      await files.run(`cd ${folder}; ln -s a/b way`);
      expect((await move('way', 'a')).status).toBe(204);
      expect(await files.run(`cd ${folder}; readlink a; ls -A`)).toBe('a/b\na\n');
    });

    it('go where they shall though the way there leads through what they replace', async () => {
      await files.run(`cd ${folder}; mkdir -p a/old b; echo new > b/file; ln -s a link`);
      const to = (name: string) => ({ dst_path: `${folder}/${name}`, overwrite: true });
      const copied = { src_path: `${folder}/b`, recursive: true, ...to('a/../a') };
      expect((await files.call('copy', copied)).status).toBe(204);
      await files.run(`mkdir ${folder}/a/old`);
      expect((await files.call('move', { src_path: `${folder}/b`, ...to('link/../a') })).status).toBe(204);
      expect(await files.run(`cd ${folder}; find . | sort | tr '\\n' ' '; cat a/file`)).toBe(
        '. ./a ./a/file ./link new\n',
      );
    });

    it('are copied, folders only when asked for, over another only when asked for', async () => {
      await files.run(
        `cd ${folder}; echo one > a; chmod 751 a; mkdir -p tree/sub; echo x > tree/sub/file; ln -s sub tree/link`,
      );
      const copy = (from: string, to: string, more: object = {}) =>
        files.call('copy', { src_path: `${folder}/${from}`, dst_path: `${folder}/${to}`, ...more });
      expect((await copy('a', 'b')).status).toBe(204);
      expect(refusalOf(await copy('a', 'b'))).toMatch(/^409 .*already exists/);
      expect((await copy('a', 'b', { overwrite: true })).status).toBe(204);
      expect(refusalOf(await copy('tree', 'twin'))).toBe('400 src_path');
      expect((await copy('tree', 'twin', { recursive: true })).status).toBe(204);
      expect(
        await files.run(`cd ${folder}; stat -c %a b; readlink twin/link; cat twin/sub/file; ls -A`),
      ).toBe('751\nsub\nx\na\nb\ntree\ntwin\n');
      expect((await copy('none', 'x')).status).toBe(404);
      expect(refusalOf(await copy('a', 'none/x'))).toBe('404 dst_path: no such file or directory');
      expect(refusalOf(await copy('tree', 'tree/sub/in', { recursive: true }))).toBe('400 src_path');
      expect((await copy('a', 'twin', { overwrite: true })).status).toBe(204);
      expect(await files.run(`cd ${folder}; cat twin; find tree | wc -l`)).toBe('one\n4\n');
    });

    it('are not copied over a folder that they are in, by whatever name', async () => {
      const odd = 'ends in newline\n';
      await files.run(
        `cd ${folder}; mkdir -p a/b/c '${odd}/b'; echo x > a/b/c/file; ln -s a/b way; ln -s a twin`,
      );
      const copy = (from: string, to: string) =>
        files.call('copy', {
          src_path: `${folder}/${from}`,
          dst_path: `${folder}/${to}`,
          recursive: true,
          overwrite: true,
        });
      const before = await files.run(`cd ${folder}; find . | sort`);
      for (const [from, to] of [
        ['a/b', 'a'],
        ['a/b/c', 'a'],
        ['a/b/c/file', 'a/b'],
        ['way', 'a'],
        ['way/c', 'a/../a'],
        [`${odd}/b`, odd],
      ] as const) {
        expect(refusalOf(await copy(from, to)), `${from} to ${to}`).toBe('400 dst_path');
      }
      expect(await files.run(`cd ${folder}; find . | sort`)).toBe(before);
      // A link in the way is replaced, and what it leads to stays.
      expect((await copy('twin/b', 'twin')).status).toBe(204);
      expect(await files.run(`cd ${folder}; cat a/b/c/file twin/c/file; test -L twin || echo replaced`)).toBe(
        'x\nx\nreplaced\n',
      );
    });
  });

  it('are left without a trace of what was cut off', async () => {
    await files.run(
      `cd ${folder}; mkdir large target; head -c 500M /dev/zero > large/file; echo old > target/file`,
    );
    const cutOff = async (call: string, body: object, begun: string) => {
      const waiting = new AbortController();
      const { client, sandbox } = files;
      const path = `${sandbox}/filesystem/${call}`;
      const refused = expect(client.call('POST', path, body, { signal: waiting.signal })).rejects.toThrow();
      await eventually(async () => expect(await files.run(`ls -A ${folder}`)).toContain(begun));
      waiting.abort();
      await refused;
      await eventually(async () => expect(await files.run(`ls -A ${folder}`)).not.toContain(begun));
      expect(await files.run(`cd ${folder}; ls -A; cat target/file`)).toBe('large\ntarget\nold\n');
    };
    const to = { dst_path: `${folder}/target`, overwrite: true };
    await cutOff('copy', { src_path: `${folder}/large`, recursive: true, ...to }, '.copying');
    // From another file system, a move is a copy.
    await files.run(`mkdir /tmp/large; head -c 500M /dev/zero > /tmp/large/file`);
    await cutOff('move', { src_path: '/tmp/large', ...to }, '.copying');
    expect(await files.run('stat -c %s /tmp/large/file; rm -r /tmp/large')).toBe(`${500 * 1024 ** 2}\n`);
  });

  it.each([
    ['ls', {}, 'path'],
    ['ls', { path: 'relative' }, 'path'],
    ['ls', { path: '/a\0b' }, 'path'],
    ['ls', { path: '/', recursive: 'yes' }, 'recursive'],
    ['ls', { path: '/', exclude: [''] }, 'exclude.0'],
    ['stat', { path: 1 }, 'path'],
    ['mkdir', {}, 'path'],
    ['read-file', {}, 'path'],
    ['read-files', { paths: [] }, 'paths'],
    ['read-files', { paths: ['x'] }, 'paths.0'],
    ['delete', {}, 'path'],
    ['set-permissions', { mode: '755' }, 'path'],
    ['glob', { path: '/', pattern: '' }, 'pattern'],
    ['grep', { pattern: 'x' }, 'path'],
    ['edit-file', { path: '/x', edits: [] }, 'edits'],
    ['edit-file', { path: '/x', edits: [{ find: '' }] }, 'edits.0.find'],
    ['edit-files', { files: ['/x'] }, 'find'],
    ['move', { src_path: '/x' }, 'dst_path'],
    ['copy', { dst_path: '/x' }, 'src_path'],
    ['exists', {}, 'path'],
    ['tree', { path: '/', max_depth: -1 }, 'max_depth'],
  ])('refuse %s with %j, naming the field', async (name, body, field) => {
    expect(await files.refusal(name, body)).toBe(`400 ${field}`);
  });

  it('wake a sandbox that is paused, but not with a wrong request', async () => {
    expect(await files.client.call('POST', `${files.sandbox}/pause`)).toMatchObject({ status: 201 });
    expect((await files.call('ls', {})).status).toBe(400);
    expect(await files.client.state(files.sandbox)).toBe('paused');
    expect((await files.call('ls', { path: '/home/user' })).status).toBe(200);
    expect(await files.client.state(files.sandbox)).toBe('running');
  });

  it('are out of reach while the sandbox is stopped, and of one that is not there', async () => {
    const other = await files.client.create();
    await files.client.call('POST', `${other}/stop`);
    expect((await files.client.call('POST', `${other}/filesystem/ls`, { path: '/' })).status).toBe(409);
    expect(
      (await files.client.call('POST', '/v1/sandbox/sbx-none/filesystem/ls', { path: '/' })).status,
    ).toBe(404);
    expect((await files.call('nothing', { path: '/' })).status).toBe(404);
  });
});
