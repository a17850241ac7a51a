import { join } from 'node:path';
import type { DataFolder } from '../dataFolder.ts';
import { RecordStore } from '../storage/recordStore.ts';
import type { Trash } from '../storage/trash.ts';
import { sandboxRecord, type SandboxRecord } from './record.ts';

/** The sandboxes on disk: for each a folder with its record, its disk and its system files. */
export class SandboxStore extends RecordStore<SandboxRecord> {
  constructor({ sandboxes }: DataFolder, trash: Trash) {
    super({ folder: sandboxes, recordName: 'sandbox.json', schema: sandboxRecord, idPrefix: 'sbx', trash });
  }

  /** For the files of `/etc` that only this sandbox sees. */
  etcOf(id: string): string {
    return join(this.folderOf(id), 'etc');
  }

  /** For its SSH access. */
  accessOf(id: string): string {
    return join(this.folderOf(id), 'ssh.json');
  }
}
