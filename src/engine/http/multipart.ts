/** `multipart/form-data` (RFC 7578) in which every part is a file and its name is the file's path. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import type { Content } from './api.ts';
import { HttpError, invalidField } from './httpError.ts';

export interface Part {
  name: string;
  bytes: Buffer;
}

const maxParts = 1000;

/** @throws HttpError 400 for what is no such body, or holds none or more than 1000 parts; 415 for another type. */
export async function parseMultipart(contentType: string | undefined, body: Buffer): Promise<Part[]> {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? '')) {
    throw new HttpError(
      415,
      'The body must be a form: send content-type multipart/form-data with a boundary.',
    );
  }
  const parser = createParser(contentType ?? '');
  const parts: Promise<Part>[] = [];
  let tooMany = false;
  parser.on('file', (name: string | undefined, stream: Readable) => {
    const part = buffer(stream).then((bytes) => ({ name: unescape(name ?? ''), bytes }));
    // It may fail before anybody waits for it, and so may the parser after everybody has.
    part.catch(() => undefined);
    parts.push(part);
  });
  parser.on('partsLimit', () => (tooMany = true));
  parser.on('error', () => undefined);
  try {
    const finished = once(parser, 'finish');
    parser.end(body);
    await finished;
    if (tooMany) throw invalidField('', `must hold at most ${maxParts} files`);
    if (parts.length === 0) throw invalidField('', 'must hold at least one file');
    return await Promise.all(parts);
  } catch (error) {
    throw error instanceof HttpError ? error : malformed();
  }
}

/** @throws HttpError 400 without a boundary */
function createParser(contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // Without a file name a part would be decoded as text.
      isPartAFile: () => true,
      limits: { parts: maxParts },
    });
  } catch {
    throw malformed();
  }
}

const malformed = () => invalidField('', 'must be a whole multipart/form-data body');

export function formatMultipart(parts: Part[]): Content {
  const boundary = `sandbox-${randomBytes(24).toString('hex')}`;
  const chunks = parts.flatMap(({ name, bytes }) => [
    Buffer.from(
      `--${boundary}\r\n` +
        // Without a file name some clients would decode the part as text.
        `Content-Disposition: form-data; name="${escape(name)}"; filename="${escape(name)}"\r\n` +
        'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n',
    ),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** As browsers and fetch escape a name (HTML Standard, "multipart/form-data encoding algorithm"). */
function escape(name: string): string {
  return name.replaceAll(/["\r\n]/g, (character) => encodeURIComponent(character));
}

function unescape(name: string): string {
  return name.replaceAll(/%22|%0D|%0A/gi, decodeURIComponent);
}
