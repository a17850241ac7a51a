import { HttpError } from '../http/httpError.ts';

/** Does something with one of several paths; what is refused about `path` is then told about `field`. */
export async function blaming<T>(field: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HttpError) || (error.status !== 400 && error.status !== 404)) throw error;
    const errors = error.errors?.map((each) => (each.field === 'path' ? { ...each, field } : each));
    throw new HttpError(
      error.status,
      error.message.replace('path', () => field),
      { ...(errors && { errors }) },
    );
  }
}
