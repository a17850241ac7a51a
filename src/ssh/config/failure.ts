import { dirname } from 'node:path';
import { ProviderError } from '../../sandboxes/errors.ts';

/** The system's own words for what a person should know; every other failure keeps its message. */
const reasons: Readonly<
  Record<string, readonly [kind: 'forbidden' | 'unavailable' | 'invalid', text: string]>
> = {
  EACCES: ['forbidden', 'you are not allowed to'],
  EPERM: ['forbidden', 'you are not allowed to'],
  EROFS: ['forbidden', 'it is on a read-only disk'],
  ENOSPC: ['unavailable', 'the disk is full'],
  EDQUOT: ['unavailable', 'your share of the disk is full'],
  EFBIG: ['unavailable', 'it would be larger than a file may be'],
  EBUSY: ['unavailable', 'another program has it open'],
  EISDIR: ['invalid', 'it is a folder'],
  EEXIST: ['invalid', 'there is a file where a folder should be'],
  ENOTDIR: ['invalid', 'there is a file where a folder should be'],
  ELOCKED: ['unavailable', 'another window, or ssh, has held it for too long'],
};

/** What went wrong with a file, for a person. What is for a person already only gets the advice, if it has none. */
export function fileFailure(thrown: unknown, deed: string, advice: string): ProviderError {
  if (thrown instanceof ProviderError) {
    return thrown.advice ? thrown : new ProviderError(thrown.kind, thrown.message, { advice, cause: thrown });
  }
  const { kind, reason } = explained(thrown);
  return new ProviderError(kind, `Could not ${deed}: ${reason}.`, { advice, cause: thrown });
}

/** The same for one of our own files. */
export function ownFileFailure(thrown: unknown, file: string): ProviderError {
  const { kind, reason } = explained(thrown);
  return new ProviderError(kind, `Could not write ${file}: ${reason}.`, {
    advice: `Look at ${dirname(file)}, then try again.`,
    cause: thrown,
  });
}

function explained(thrown: unknown) {
  const { code, message, path, syscall } = thrown as NodeJS.ErrnoException;
  // Its codes say no more than that, and differ.
  if (syscall === 'fchown') {
    return {
      kind: 'forbidden' as const,
      reason: 'it belongs to somebody else, or to a group that you are not in',
    };
  }
  if (code === 'ENOENT' && path !== undefined) {
    const reason = `there is no ${path}, or not the folder for it`;
    return { kind: 'unavailable' as const, reason };
  }
  const [kind, reason] = reasons[code ?? ''] ?? ['unavailable' as const, message];
  return { kind, reason };
}
