import { expect, it } from 'vitest';
import { keepAlive, limitPacketSize, message, readGlobalRequest } from '../../../src/ssh/proxy/messages.ts';

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const string = (text: string) => Buffer.concat([uint32(text.length), Buffer.from(text)]);

/** A channel's opening, from window to packet size as RFC 4254, section 5.1, has it. */
const opening = (packetSize: number) =>
  Buffer.concat([
    Buffer.of(message.channelOpen),
    string('session'),
    ...[7, 2_097_152, packetSize].map(uint32),
  ]);
const confirmation = (packetSize: number) =>
  Buffer.concat([
    Buffer.of(message.channelOpenConfirmation),
    ...[7, 8, 2_097_152, packetSize].map(uint32),
    Buffer.from('more'),
  ]);

it.each([
  ['opening', opening],
  ['confirmation', confirmation],
])('packets stay as small as ssh2 takes them: %s', (_, make) => {
  for (const [offered, left] of [
    [65_536, 32_768],
    [4_294_967_295, 32_768],
    [32_768, 32_768],
    [1_000, 1_000],
  ] as const) {
    const payload = make(offered);
    limitPacketSize(payload);
    expect(payload).toEqual(make(left));
  }
});

it('a payload in the middle of a buffer is read where it is', () => {
  const payload = Buffer.concat([Buffer.alloc(9), opening(65_536)]).subarray(9);
  limitPacketSize(payload);
  expect(payload).toEqual(opening(32_768));
});

it('a global request tells its name, and whether it wants an answer', () => {
  expect(readGlobalRequest(keepAlive)).toEqual({ name: 'keepalive@openssh.com', wantsReply: true });
  const silent = Buffer.concat([
    Buffer.of(message.globalRequest),
    string('hostkeys-00@openssh.com'),
    Buffer.of(0),
  ]);
  expect(readGlobalRequest(silent)).toEqual({ name: 'hostkeys-00@openssh.com', wantsReply: false });
});

it('a message that is cut off is an error', () => {
  expect(() => limitPacketSize(opening(1).subarray(0, 20))).toThrow(RangeError);
  expect(() => readGlobalRequest(Buffer.of(message.globalRequest, 0, 0))).toThrow(RangeError);
});
