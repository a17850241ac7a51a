import { HttpError, invalidField } from '../http/httpError.ts';

/** Reasons for which there is a status that says more than 400; Leap0's SDKs have an exception for each of these. */
const statuses: Readonly<Record<string, number>> = {
  'permission denied': 403,
  'operation not permitted': 403,
  'read-only file system': 403,
  'no such file or directory': 404,
  'file exists': 409,
  'already exists': 409,
};

/** What is wrong with a file that a call is about: not with the call, and not with the sandbox. */
export class FileError extends HttpError {
  readonly field: string;
  readonly reason: string;

  /** @param field the one that names the file */
  constructor(field: string, reason: string) {
    const status = statuses[reason];
    if (status === undefined) {
      const { message, errors } = invalidField(field, reason);
      super(400, message, { ...(errors && { errors }) });
    } else super(status, `${field}: ${reason}`);
    this.field = field;
    this.reason = reason;
  }
}

/** Does something with one of several files: an error about `path` becomes one about `field`. */
export async function blaming<T>(field: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FileError && error.field === 'path') throw new FileError(field, error.reason);
    throw error;
  }
}
