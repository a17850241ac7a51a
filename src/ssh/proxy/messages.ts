/**
 * As much of the messages of SSH's connection protocol as a relay looks at. Source: RFC 4254 and RFC 4250, section
 * 4.1.2.
 */

export const message = {
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
} as const;

export const connectionProtocol = {
  includes: (type: number | undefined): boolean => type !== undefined && type >= 80 && type <= 127,
};

/** A keep-alive to which any SSH server answers, if only that it knows no such request. */
export const keepAlive: Uint8Array = Buffer.concat([
  Buffer.of(message.globalRequest, 0, 0, 0, 21),
  Buffer.from('keepalive@openssh.com'),
  Buffer.of(1),
]);

/** The name of a global request, and whether it is to be answered. */
export function readGlobalRequest(payload: Uint8Array): { name: string; wantsReply: boolean } {
  const bytes = view(payload);
  const end = 5 + bytes.readUInt32BE(1);
  return { name: bytes.toString('latin1', 5, end), wantsReply: payload[end] === 1 };
}

/**
 * Lowers the size of the packets that the sender of a channel's opening, or of its confirmation, takes. ssh2 takes no
 * packet over 35000 bytes, the least that RFC 4253 asks for; there are servers that offer more.
 */
export function limitPacketSize(payload: Uint8Array): void {
  const bytes = view(payload);
  const sizeAt = bytes[0] === message.channelOpen ? 1 + 4 + bytes.readUInt32BE(1) + 4 + 4 : 1 + 4 + 4 + 4;
  bytes.writeUInt32BE(Math.min(bytes.readUInt32BE(sizeAt), largestPacket), sizeAt);
}

const largestPacket = 32_768;

const view = (payload: Uint8Array): Buffer =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
