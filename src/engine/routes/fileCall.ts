import type * as v from 'valibot';
import type { Helper } from '../filesystem/helper.ts';
import type { ApiAnswer, ApiRequest } from '../http/api.ts';
import { decode } from '../http/body.ts';

/** Reads a request, and says what is to be done in the sandbox; so a wrong request wakes nothing. */
export type FileCall = (request: ApiRequest) => Promise<(helper: Helper) => Promise<ApiAnswer>>;

/** A call whose request is JSON. */
export function jsonCall<S extends v.GenericSchema>(
  schema: S,
  work: (helper: Helper, request: v.InferOutput<S>) => Promise<ApiAnswer>,
): FileCall {
  return async (request) => {
    const decoded = decode(schema, await request.json());
    return (helper) => work(helper, decoded);
  };
}
