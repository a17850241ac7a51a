import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { limits } from '../../providers/leap0/wire/limits.ts';
import { wordIssues } from '../../common/issue.ts';
import { HttpError, invalidFields } from './httpError.ts';

/** How much to read and throw away: a client that is cut off while it sends never sees the answer. */
const patienceBytes = 10 * limits.bodyBytes;

const tooLarge = () => new HttpError(413, `The body is larger than ${limits.bodyBytes / 1024 / 1024} MiB.`);

/**
 * Reads a body that is a JSON object, whatever its content type: Leap0's JavaScript SDK sends JSON as `text/plain`. That a
 * browser could send that too, unasked, is the gate's concern. An empty body is an empty object.
 * @throws HttpError 413 above 10 MiB, 400 when it is something else.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  const value = parse(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, 'The body is not a JSON object.', {
      errors: [{ field: '', error: 'must be a JSON object' }],
    });
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws HttpError 413 above 10 MiB */
export function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    request.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total <= limits.bodyBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (total > patienceBytes) reject(tooLarge());
    });
    request.on('end', () => {
      if (total > limits.bodyBytes) reject(tooLarge());
      else resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}

/**
 * Decodes what a client sent.
 * @throws HttpError 400 that names every field in error.
 */
export function decode<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value, wordIssues);
  if (result.success) return result.output;
  throw invalidFields(
    result.issues.map((issue) => ({ field: v.getDotPath(issue) ?? '', error: issue.message })),
  );
}
