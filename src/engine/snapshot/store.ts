import type { DataFolder } from '../dataFolder.ts';
import { RecordStore } from '../storage/recordStore.ts';
import type { Trash } from '../storage/trash.ts';
import { snapshotRecord, type SnapshotRecord } from './record.ts';

/** The snapshots on disk: for each a folder with its record and its disk. */
export class SnapshotStore extends RecordStore<SnapshotRecord> {
  constructor({ snapshots }: DataFolder, trash: Trash) {
    super({
      folder: snapshots,
      recordName: 'snapshot.json',
      schema: snapshotRecord,
      idPrefix: 'snap',
      trash,
    });
  }
}
