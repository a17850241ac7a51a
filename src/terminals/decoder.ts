/** Decodes one session's bytes: a character that is split over two frames comes out whole. */
export class Decoder {
  readonly #utf8 = new TextDecoder('utf-8');

  decode(bytes: Uint8Array): string {
    return this.#utf8.decode(bytes, { stream: true });
  }
}
