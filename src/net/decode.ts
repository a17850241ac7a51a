import * as v from 'valibot';
import { ProviderError } from '../sandboxes/errors.ts';

/**
 * Turns bytes from outside into what they should be.
 * @throws ProviderError `protocol`, naming the field that is missing or wrong.
 */
export function decode<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
  requestId?: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'body';
  throw new ProviderError('protocol', `The answer to ${what} is not understood: ${field}: ${issue.message}`, {
    requestId,
    fields: [{ field, error: issue.message }],
  });
}
