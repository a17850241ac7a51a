import { describe, expect, it } from 'vitest';
import type { Provider } from '../../src/sandboxes/provider.ts';
import { textOf } from './commandPromises.ts';
import type { Workshop } from './promises.ts';

const restored = { timeoutMinutes: 10, autoPause: false };

/** What every provider that keeps snapshots promises. */
export function snapshotPromises({ provider, make, expectState }: Workshop): void {
  describe('a snapshot', () => {
    const snapshotsOf = ({ snapshots }: Provider) => {
      if (!snapshots) throw new Error('no snapshots');
      return snapshots;
    };
    const readFile = async (id: string) => textOf(await provider().exec?.run(id, 'cat file'));

    /** A sandbox with a file in it. */
    const makeFilled = async () => {
      const { id } = await make();
      await provider().exec?.run(id, 'echo kept > file');
      return id;
    };

    it('becomes a new sandbox with the same files, while the old one goes on', async () => {
      const id = await makeFilled();
      const snapshots = snapshotsOf(provider());
      const { name, id: snapshotId } = await snapshots.create(id, { name: 'promise-files' });
      await expectState(id, 'running');
      await provider().exec?.run(id, 'echo changed > file');
      const copy = await snapshots.restore({ ...restored, name });
      await expectState(copy.id, 'running');
      expect(copy.id).not.toBe(id);
      expect(copy).toMatchObject({ vcpu: 1, memoryMib: 512, timeoutSeconds: 600 });
      expect([await readFile(copy.id), await readFile(id)]).toEqual(['kept\n', 'changed\n']);
      await snapshots.delete(snapshotId);
      await expect(snapshots.restore({ ...restored, name })).rejects.toMatchObject({ kind: 'notFound' });
      await expect(snapshots.delete(snapshotId)).rejects.toMatchObject({ kind: 'notFound' });
    });

    it('may take the place of its sandbox', async () => {
      const id = await makeFilled();
      const snapshots = snapshotsOf(provider());
      const snapshot = await snapshots.create(id, { deleteSandbox: true });
      await expect(provider().get(id)).rejects.toMatchObject({ kind: 'notFound' });
      const copy = await snapshots.restore({
        ...restored,
        name: snapshot.name,
        network: { mode: 'deny-all' },
      });
      await expectState(copy.id, 'running');
      expect(await readFile(copy.id)).toBe('kept\n');
      expect(await provider().get(copy.id)).toMatchObject({ network: 'deny-all' });
      await snapshots.delete(snapshot.id);
    });

    it('is unique in its name, and made only of what runs', async () => {
      const { id } = await make();
      const snapshots = snapshotsOf(provider());
      const { id: snapshotId } = await snapshots.create(id, { name: 'promise-once' });
      const again = snapshots.create(id, { name: 'promise-once' });
      await expect(again).rejects.toMatchObject({ kind: 'conflict', advice: expect.any(String) });
      await snapshots.delete(snapshotId);
      await provider().pause?.(id);
      await expectState(id, 'paused');
      await expect(snapshots.create(id, {})).rejects.toMatchObject({ kind: 'conflict' });
      await expectState(id, 'paused');
    });

    it('stands in the list with its size', async ({ skip }) => {
      const snapshots = snapshotsOf(provider());
      if (!snapshots.list) return skip('The service has no list of them.');
      const { id } = await make();
      const created = await snapshots.create(id, {});
      expect(await snapshots.list()).toContainEqual(created);
      expect(created).toMatchObject({ vcpu: 1, memoryMib: 512 });
      await snapshots.delete(created.id);
      expect(await snapshots.list()).not.toContainEqual(created);
    });
  });
}
