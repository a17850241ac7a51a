import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { everyByte, Files, oddNames, refusalOf } from './files.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

describeForStarters("what is in files, on %s's engine,", (options) => {
  const files = new Files(options);
  let folder: string;
  beforeEach(async () => (folder = await files.newFolder()));

  it('are written and read byte for byte, whatever they are called', async () => {
    for (const name of oddNames) {
      const path = `${folder}/${name}`;
      expect((await files.write(path, everyByte)).status).toBe(204);
      const { status, headers, bytes } = await files.call('read-file', { path });
      expect({ status, type: headers['content-type'], bytes }).toEqual({
        status: 200,
        type: 'application/octet-stream',
        bytes: everyByte,
      });
      expect((await files.call('exists', { path })).body).toEqual({ exists: true });
      expect((await files.call('stat', { path })).body).toMatchObject({ path, name, size: 256 });
    }
    expect((await files.items('ls', { path: folder })).map((each: { name: string }) => each.name)).toEqual(
      oddNames.toSorted(),
    );
    expect((await files.items('glob', { path: folder })).toSorted()).toEqual(
      oddNames.map((name) => `${folder}/${name}`).toSorted(),
    );
    for (const name of oddNames) {
      expect((await files.call('delete', { path: `${folder}/${name}` })).status).toBe(204);
    }
    expect(await files.run(`ls -A ${folder}`)).toBe('');
  });

  describe('written', () => {
    it('may be empty, large, and in folders that are not there yet', async () => {
      const large = Buffer.alloc(10 * 1024 * 1024, 'x');
      expect((await files.write(`${folder}/a/b/large`, large)).status).toBe(204);
      expect((await files.read(`${folder}/a/b/large`)).equals(large)).toBe(true);
      expect((await files.write(`${folder}/a/empty`, '')).status).toBe(204);
      expect(await files.text(`${folder}/a/empty`)).toBe('');
      expect((await files.write(`${folder}/more`, Buffer.concat([large, large]))).status).toBe(413);
    });

    it('get the mode they are given, else keep the one they have', async () => {
      await files.write(`${folder}/script`, 'one', '&permissions=0755');
      await files.write(`${folder}/script`, 'two');
      await files.write(`${folder}/plain`, 'x');
      expect(await files.run(`cd ${folder}; stat -c %a script plain; cat script`)).toBe('755\n644\ntwo');
      expect(await files.write(`${folder}/x`, 'x', '&permissions=rwx').then(refusalOf)).toBe(
        '400 permissions',
      );
    });

    it('are replaced in one step, through a link that leads to them', async () => {
      await files.run(
        `cd ${folder}; echo old > file; ln -s file link; ln -s nowhere/file dangling; ln -s loop loop`,
      );
      expect((await files.write(`${folder}/link`, 'new')).status).toBe(204);
      expect(await files.run(`cd ${folder}; readlink link; cat file; ls -A`)).toBe(
        'file\nnewdangling\nfile\nlink\nloop\n',
      );
      for (const name of ['dangling', 'loop']) {
        expect(await files.write(`${folder}/${name}`, 'x').then(refusalOf)).toMatch(/^(400|404) path/);
      }
    });

    it('are refused where a file cannot be, and nothing is left of it', async () => {
      await files.run(
        `cd ${folder}; mkdir folder closed; mkfifo pipe; touch file locked; chmod 000 closed; chmod 444 locked`,
      );
      const reasons = {
        folder: '400 path',
        pipe: '400 path',
        'file/below': '409 path: file exists',
        'closed/x': '403 path: permission denied',
        locked: '403 path: permission denied',
        ['x'.repeat(300)]: '400 path',
      };
      for (const [name, reason] of Object.entries(reasons)) {
        expect(await files.write(`${folder}/${name}`, 'x').then(refusalOf), name).toBe(reason);
      }
      expect(await files.write('/usr/bin/x', 'x').then(refusalOf)).toBe('403 path: read-only file system');
      expect(await files.run(`ls -A ${folder}`)).toBe('closed\nfile\nfolder\nlocked\npipe\n');
    });

    it('may be many at once, in a form', async () => {
      const form = new FormData();
      // A form has no way to spell a line break that stands alone, nor a backslash at the end.
      const names = oddNames.filter((name) => !/\n|\\$/.test(name));
      const paths = names.map((name) => `${folder}/many/${name}`);
      for (const path of paths) form.append(path, new Blob([everyByte]));
      const sent = new Response(form);
      const type = sent.headers.get('content-type') ?? '';
      const raw = Buffer.from(await sent.arrayBuffer());
      expect((await files.post('write-files', raw, type)).status).toBe(204);
      for (const path of paths) expect(await files.read(path)).toEqual(everyByte);
      const received = await files.call('read-files', { paths: paths.slice(0, 2) });
      const parts = await new Response(new Uint8Array(received.bytes), {
        headers: { 'content-type': String(received.headers['content-type']) },
      }).formData();
      expect(Array.from(parts.keys())).toEqual(paths.slice(0, 2));
      for (const file of parts.values()) {
        if (typeof file === 'string') throw new Error('decoded as text');
        expect(Buffer.from(await file.arrayBuffer())).toEqual(everyByte);
      }
    });

    it('are refused in a form that is none, or with names that are no paths', async () => {
      const part = (name: string) =>
        `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nx\r\n--X--\r\n`;
      const type = 'multipart/form-data; boundary=X';
      expect((await files.post('write-files', '{}', 'application/json')).status).toBe(415);
      expect((await files.post('write-files', part('/a').slice(0, 40), type)).status).toBe(400);
      expect(refusalOf(await files.post('write-files', part('relative'), type))).toBe('400 relative');
      expect(refusalOf(await files.post('write-files', part('/usr/x'), type))).toBe(
        '403 /usr/x: read-only file system',
      );
    });
  });

  describe('read', () => {
    it('may be read in parts, by bytes or lines', async () => {
      await files.write(`${folder}/lines`, '1\n2\n3\n4\n5\n');
      const parts: [object, string][] = [
        [{ offset: 2 }, '2\n3\n4\n5\n'],
        [{ limit: 3 }, '1\n2'],
        [{ offset: 4, limit: 2 }, '3\n'],
        [{ offset: 100 }, ''],
        [{ limit: 0 }, ''],
        [{ head: 2 }, '1\n2\n'],
        [{ tail: 2 }, '4\n5\n'],
        [{ head: 0 }, ''],
        [{ offset: 2, limit: 6, tail: 1 }, '4\n'],
        [{ head: null, tail: null, offset: null, limit: null }, '1\n2\n3\n4\n5\n'],
      ];
      for (const [part, expected] of parts) {
        expect(await files.text(`${folder}/lines`, part), JSON.stringify(part)).toBe(expected);
      }
      const both = files.call('read-file', { path: `${folder}/lines`, head: 1, tail: 1 });
      expect(refusalOf(await both)).toBe('400 tail');
      expect(await files.refusal('read-file', { path: `${folder}/lines`, offset: -1 })).toBe('400 offset');
    });

    it('are refused when they are too large for one answer, and can be read in parts', async () => {
      await files.run(`cd ${folder}; truncate -s 3G huge; echo end >> huge`);
      expect(await files.refusal('read-file', { path: `${folder}/huge` })).toBe('400 path');
      expect(await files.text(`${folder}/huge`, { offset: 3 * 1024 ** 3 })).toBe('end\n');
      expect((await files.read(`${folder}/huge`, { limit: 10 * 1024 * 1024 })).length).toBe(10 * 1024 * 1024);
    });

    it('are refused when they are no files', async () => {
      await files.run(
        `cd ${folder}; mkdir folder; mkfifo pipe; touch closed; chmod 000 closed; ln -s nowhere dangling`,
      );
      const reasons = {
        folder: '400 path',
        pipe: '400 path',
        closed: '403 path: permission denied',
        'closed/below': '400 path',
      };
      for (const [name, reason] of Object.entries(reasons)) {
        expect(await files.refusal('read-file', { path: `${folder}/${name}` }), name).toBe(reason);
      }
      for (const name of ['missing', 'missing/below', 'dangling']) {
        expect(await files.refusal('read-file', { path: `${folder}/${name}` }), name).toBe(
          '404 path: no such file or directory',
        );
      }
      expect(await files.refusal('read-file', { path: '/dev/zero' })).toBe('400 path');
      const several = files.call('read-files', { paths: ['/etc/passwd', `${folder}/missing`] });
      expect(refusalOf(await several)).toBe('404 paths.1: no such file or directory');
    });
  });

  describe('edited', () => {
    it('have every occurrence replaced, with the difference told', async () => {
      await files.write(`${folder}/main.py`, 'hello world\nbye\nhello again\n');
      await files.run(`chmod 755 ${folder}/main.py`);
      const edits = [{ find: 'hello', replace: 'hi' }, { find: 'bye\n' }];
      const { body } = await files.call('edit-file', { path: `${folder}/main.py`, edits });
      expect(body.replacements).toBe(3);
      expect(body.diff).toBe(
        `--- ${folder}/main.py\n+++ ${folder}/main.py\n@@ -1,3 +1,2 @@\n-hello world\n-bye\n-hello again\n+hi world\n+hi again\n`,
      );
      expect(await files.run(`cd ${folder}; cat main.py; stat -c %a main.py; ls -A`)).toBe(
        'hi world\nhi again\n755\nmain.py\n',
      );
    });

    it('stay as they are when there is nothing to replace', async () => {
      await files.write(`${folder}/file`, 'text');
      const edit = await files.call('edit-file', {
        path: `${folder}/file`,
        edits: [{ find: 'none', replace: 'x' }],
      });
      expect(edit).toMatchObject({ status: 200, body: { diff: '', replacements: 0 } });
    });

    it('keep the bytes around, valid text or not', async () => {
      await files.write(`${folder}/binary`, Buffer.concat([everyByte, Buffer.from('ünï'), everyByte]));
      await files.call('edit-file', {
        path: `${folder}/binary`,
        edits: [{ find: 'ünï', replace: '$& \\1 \0' }],
      });
      expect(await files.read(`${folder}/binary`)).toEqual(
        Buffer.concat([everyByte, Buffer.from('$& \\1 \0'), everyByte]),
      );
    });

    it('may be several at once, each with its own outcome', async () => {
      await files.write(`${folder}/a`, 'old old');
      await files.write(`${folder}/b`, 'other');
      const paths = ['a', 'b', 'missing', '.'].map((name) => `${folder}/${name}`);
      expect(await files.items('edit-files', { files: paths, find: 'old', replace: 'new' })).toEqual([
        { file: paths[0], success: true },
        { file: paths[1], success: false, error: expect.stringContaining('not in it') },
        { file: paths[2], success: false, error: expect.stringContaining('no such file') },
        { file: paths[3], success: false, error: 'is a directory' },
      ]);
      expect(await files.text(`${folder}/a`)).toBe('new new');
    });

    it('keep every one of many edits at once, by whatever path', async () => {
      const numbers = Array.from({ length: 8 }, (_each, index) => index);
      await files.write(`${folder}/file`, numbers.map((number) => `old ${number}\n`).join(''));
      await files.run(`ln -s file ${folder}/link`);
      const edits = numbers.map((number) => ({
        path: `${folder}/${number % 2 ? 'file' : 'link'}`,
        edits: [{ find: `old ${number}\n`, replace: `new ${number}\n` }],
      }));
      const answers = await Promise.all(edits.map((edit) => files.call('edit-file', edit)));
      expect(answers.map(({ status, body }) => [status, body.replacements])).toEqual(
        numbers.map(() => [200, 1]),
      );
      expect(await files.text(`${folder}/file`)).toBe(numbers.map((number) => `new ${number}\n`).join(''));
    });

    it('do not undo what is written at the same time', async () => {
      const path = `${folder}/file`;
      for (let round = 1; round <= 5; round++) {
        await files.write(path, `old ${round}`);
        await Promise.all([
          files.call('edit-file', { path, edits: [{ find: 'old', replace: 'new' }] }),
          files.write(path, `old ${round} written`),
        ]);
        expect(await files.text(path)).toMatch(/written$/);
      }
    });

    it('are not blown up beyond what can be read again', async () => {
      await files.write(`${folder}/a`, 'a'.repeat(1_000_000));
      const edits = [{ find: 'a', replace: 'a'.repeat(1000) }];
      expect(await files.refusal('edit-file', { path: `${folder}/a`, edits })).toBe('400 path');
    });
  });
});
