import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Files } from './files.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

describeForStarters("files, on %s's engine,", (options) => {
  const files = new Files(options);
  let folder: string;
  beforeEach(async () => (folder = await files.newFolder()));

  describe('listed', () => {
    it('have the shape that Leap0 documents', async () => {
      await files.run(
        `cd ${folder}; printf 12345 > file; chmod 640 file; touch -d @1600000000 file; ln -s file link; mkdir sub; chmod 700 sub`,
      );
      const file = {
        name: 'file',
        path: `${folder}/file`,
        is_dir: false,
        size: 5,
        mode: '640',
        mtime: 1_600_000_000,
        owner: 'user',
        group: 'user',
        is_symlink: false,
      };
      expect((await files.call('stat', { path: `${folder}/file` })).body).toEqual(file);
      expect(await files.items('ls', { path: `${folder}/` })).toEqual([
        file,
        expect.objectContaining({ name: 'link', is_symlink: true, is_dir: false, link_target: 'file' }),
        expect.objectContaining({ name: 'sub', is_dir: true, mode: '700' }),
      ]);
      expect((await files.call('stat', { path: '/' })).body).toMatchObject({
        name: '/',
        path: '/',
        is_dir: true,
      });
    });

    it('leave out what is excluded, at every depth', async () => {
      await files.run(
        `cd ${folder}; mkdir -p a/node_modules/x a/b .git node_modules; touch a/keep a/b/skip.log a/node_modules/x/y top.log`,
      );
      const exclude = ['node_modules', '.git', '*.log'];
      const paths = (list: { path: string }[]) => list.map(({ path }) => path.slice(folder.length + 1));
      expect(paths(await files.items('ls', { path: folder, recursive: true, exclude }))).toEqual([
        'a',
        'a/b',
        'a/keep',
      ]);
      expect(paths(await files.items('ls', { path: folder, exclude: ['a/*'], recursive: true }))).toEqual([
        '.git',
        'a',
        'node_modules',
        'top.log',
      ]);
      expect(await files.items('glob', { path: folder, exclude })).toEqual([`${folder}/a/keep`]);
      expect(await files.items('tree', { path: folder, exclude })).toEqual([
        {
          name: 'a',
          type: 'directory',
          children: [
            { name: 'b', type: 'directory', children: [] },
            { name: 'keep', type: 'file' },
          ],
        },
      ]);
    });

    it('are found by a glob pattern', async () => {
      await files.run(
        `cd ${folder}; mkdir -p src/lib; touch a.ts src/b.ts src/lib/c.ts src/lib/d.js 'src/[x].ts'`,
      );
      const glob = async (pattern: string) =>
        (await files.items('glob', { path: folder, pattern })).map((path: string) =>
          path.slice(folder.length + 1),
        );
      expect(await glob('*.ts')).toEqual(['a.ts', 'src/[x].ts', 'src/b.ts', 'src/lib/c.ts']);
      expect(await glob('src/*.ts')).toEqual(['src/[x].ts', 'src/b.ts']);
      expect(await glob('**/*.ts')).toEqual(['a.ts', 'src/[x].ts', 'src/b.ts', 'src/lib/c.ts']);
      expect(await glob('src/**/*.{ts,js}')).toEqual([
        'src/[x].ts',
        'src/b.ts',
        'src/lib/c.ts',
        'src/lib/d.js',
      ]);
      expect(await glob('[ab].?s')).toEqual(['a.ts', 'src/b.ts']);
      expect(await glob(String.raw`\[x\].ts`)).toEqual(['src/[x].ts']);
      expect(await glob('nothing')).toEqual([]);
      await files.run(`cd ${folder}; touch ']' 'a[' 'a]'`);
      expect(await glob('[]b]*')).toEqual([']', 'src/b.ts']);
      expect(await glob('a[]]')).toEqual(['a]']);
      expect(await glob('a[[]')).toEqual(['a[']);
      expect(await glob('?[!].]')).toEqual(['a[']);
      expect(await files.refusal('glob', { path: folder, pattern: '[z-a]' })).toBe('400 pattern');
    });

    it('make a tree as deep as asked for, and end at links', async () => {
      await files.run(`cd ${folder}; mkdir -p a/b/c; touch a/file; ln -s a link; ln -s . loop`);
      const shallow = await files.items('tree', { path: folder, max_depth: 2 });
      expect(shallow).toEqual([
        {
          name: 'a',
          type: 'directory',
          children: [
            { name: 'b', type: 'directory', children: [] },
            { name: 'file', type: 'file' },
          ],
        },
        { name: 'link', type: 'file' },
        { name: 'loop', type: 'file' },
      ]);
      expect((await files.items('tree', { path: folder }))[0].children[0].children[0].name).toBe('c');
    });

    it('leave out what cannot be looked into, and say so of the folder itself', async () => {
      await files.run(`cd ${folder}; mkdir -p open closed/in; chmod 000 closed; touch file`);
      expect(await files.items('tree', { path: folder })).toHaveLength(3);
      const closed = '403 path: permission denied';
      for (const name of ['ls', 'tree', 'glob']) {
        expect(await files.refusal(name, { path: `${folder}/closed` }), name).toBe(closed);
        expect(await files.refusal(name, { path: `${folder}/file` }), name).toBe('400 path');
      }
      expect(await files.refusal('grep', { path: `${folder}/closed`, pattern: 'x' })).toBe(closed);
      expect((await files.call('ls', { path: `${folder}/none` })).status).toBe(404);
      expect((await files.call('tree', { path: `${folder}/none` })).status).toBe(404);
      expect((await files.call('stat', { path: `${folder}/none` })).status).toBe(404);
      expect((await files.call('glob', { path: `${folder}/none` })).status).toBe(404);
      expect((await files.call('grep', { path: `${folder}/none`, pattern: 'x' })).status).toBe(404);
      expect((await files.call('exists', { path: `${folder}/none` })).body).toEqual({ exists: false });
    });

    it('are too many for one answer at some point, which is said', async () => {
      await files.run(`cd ${folder}; seq -f '%0200.0f' 1 30000 | xargs touch`);
      expect(await files.refusal('ls', { path: folder })).toBe('400 path');
      expect((await files.items('ls', { path: folder, exclude: ['*[1-9]'] })).length).toBe(3000);
    });
  });

  describe('searched', () => {
    it('give the lines that match, with their numbers', async () => {
      await files.run(
        `cd ${folder}; mkdir -p sub .git; printf 'one TODO\\ntwo\\nthree TODO: x\\n' > a.py; echo TODO > sub/b.py; echo TODO > c.js; echo TODO > .git/d; printf 'TODO\\0\\1' > binary; echo 'TODO' > '-e
x'`,
      );
      expect(await files.items('grep', { path: folder, pattern: 'TODO', include: '*.py' })).toEqual([
        { path: `${folder}/a.py`, line: 1, content: 'one TODO' },
        { path: `${folder}/a.py`, line: 3, content: 'three TODO: x' },
        { path: `${folder}/sub/b.py`, line: 1, content: 'TODO' },
      ]);
      const rest = await files.items('grep', { path: folder, pattern: '^TODO$', exclude: ['.git', '*.py'] });
      expect(rest.map((match: { path: string }) => match.path)).toEqual([
        `${folder}/-e\nx`,
        `${folder}/c.js`,
      ]);
      expect(await files.items('grep', { path: folder, pattern: 'T(O|X)DO: .$' })).toHaveLength(1);
      expect(await files.items('grep', { path: folder, pattern: 'nowhere to be found' })).toEqual([]);
    });

    it('take a pattern that begins with a dash, and refuse one that is none', async () => {
      await files.write(`${folder}/options`, '-v\n');
      expect(await files.items('grep', { path: folder, pattern: '-v' })).toHaveLength(1);
      for (const pattern of ['(', '', undefined]) {
        expect(await files.refusal('grep', { path: folder, pattern })).toBe('400 pattern');
      }
    });
  });
});
