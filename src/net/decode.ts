import * as v from 'valibot';
import { wordIssues } from '../common/issue.ts';
import { ProviderError } from '../sandboxes/errors.ts';

/**
 * Turns bytes from outside into what they should be.
 * @throws ProviderError `protocol`, naming the field that is missing or wrong, never its value
 */
export function decode<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
  requestId?: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, wordIssues);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'body';
  throw new ProviderError('protocol', `The answer to ${what} is not understood: ${field}: ${issue.message}`, {
    requestId,
    fields: [{ field, error: issue.message }],
  });
}
