import { describe, expect, it } from 'vitest';
import { formatMultipart, parseMultipart } from '../../../src/engine/http/multipart.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const names = [
  '/a',
  '/ünï cödé 😀',
  '/with "quotes"',
  '/two\r\nlines',
  '/semi;colon=x',
  String.raw`/back\slash`,
];

const parse = (body: string, boundary = 'X') =>
  parseMultipart(`multipart/form-data; boundary=${boundary}`, Buffer.from(body));

describe('a form of files', () => {
  it('keeps every name and every byte, both ways', async () => {
    const parts = names.map((name, index) => ({ name, bytes: everyByte.subarray(index) }));
    const { type, bytes } = formatMultipart(parts);
    expect(await parseMultipart(type, bytes)).toEqual(parts);
  });

  it('is what fetch sends, and what it reads', async () => {
    const form = new FormData();
    for (const name of names) form.append(name, new Blob([everyByte]));
    const sent = new Response(form);
    const parts = await parseMultipart(
      sent.headers.get('content-type') ?? '',
      Buffer.from(await sent.arrayBuffer()),
    );
    expect(parts).toEqual(names.map((name) => ({ name, bytes: everyByte })));
    const { type, bytes } = formatMultipart(parts);
    const read = await new Response(bytes, { headers: { 'content-type': type } }).formData();
    for (const [name, file] of read) {
      expect(names.map((each) => each.replaceAll(/["\r\n]/g, encodeURIComponent))).toContain(
        name.replaceAll(/["\r\n]/g, encodeURIComponent),
      );
      if (typeof file === 'string') throw new Error('decoded as text');
      expect(Buffer.from(await file.arrayBuffer())).toEqual(everyByte);
    }
  });

  it('keeps the bytes of a part that has no file name', async () => {
    const head = '--X\r\nContent-Disposition: form-data; name="/a"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), everyByte, Buffer.from('\r\n--X--\r\n')]);
    expect(await parseMultipart('multipart/form-data; boundary=X', body)).toEqual([
      { name: '/a', bytes: everyByte },
    ]);
  });

  it('may hold an empty file, and many', async () => {
    const parts = Array.from({ length: 1000 }, (_, index) => ({ name: `/${index}`, bytes: Buffer.alloc(0) }));
    const { type, bytes } = formatMultipart(parts);
    expect(await parseMultipart(type, bytes)).toEqual(parts);
    const more = formatMultipart([...parts, { name: '/more', bytes: everyByte }]);
    await expect(parseMultipart(more.type, more.bytes)).rejects.toMatchObject({ status: 400 });
  });

  it.each([
    ['nothing', ''],
    ['no part', '--X--\r\n'],
    ['half a part', '--X\r\nContent-Disposition: form-data; name="/a"\r\n\r\nhal'],
    ['half a header', '--X\r\nContent-Disp'],
    ['another boundary', '--Y\r\nContent-Disposition: form-data; name="/a"\r\n\r\nx\r\n--Y--\r\n'],
    ['no form', 'hello'],
  ])('is refused when it is %s', async (_, body) => {
    await expect(parse(body)).rejects.toMatchObject({ status: 400 });
  });

  it('is refused under another content type, or without a boundary', async () => {
    for (const type of [
      undefined,
      'application/json',
      'multipart/mixed; boundary=X',
      'multipart/form-data',
    ]) {
      await expect(parseMultipart(type, Buffer.from(''))).rejects.toMatchObject({ status: 415 });
    }
    await expect(parseMultipart('multipart/form-data; charset=x', Buffer.from(''))).rejects.toMatchObject({
      status: 400,
    });
  });
});
