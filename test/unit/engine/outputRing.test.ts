import { describe, expect, it } from 'vitest';
import { OutputRing } from '../../../src/engine/pty/outputRing.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const snapshot = (ring: OutputRing) => ring.snapshot().toString('latin1');

describe('the ring', () => {
  it('gives back what was written, as long as it fits', () => {
    const ring = new OutputRing(10);
    expect(snapshot(ring)).toBe('');
    ring.write(bytes('abc'));
    ring.write(bytes('defghij'));
    expect(snapshot(ring)).toBe('abcdefghij');
  });

  it('keeps the last bytes, whatever the sizes of what is written', () => {
    for (const limit of [1, 7, 64, 5000]) {
      const ring = new OutputRing(limit);
      let all = '';
      for (let size = 0; size < 200; size += 1) {
        const text = String.fromCodePoint(97 + (size % 26)).repeat(size);
        ring.write(bytes(text));
        all += text;
        expect(snapshot(ring)).toBe(all.slice(-limit));
      }
    }
  });

  it('keeps the end of a write that is larger than itself', () => {
    const ring = new OutputRing(4);
    ring.write(bytes('0123456789'));
    expect(snapshot(ring)).toBe('6789');
  });

  it('begins with a whole line once something is lost, if one begins soon', () => {
    const ring = new OutputRing(10);
    ring.write(bytes('first\nsecond\nthird'));
    expect(snapshot(ring)).toBe('third');
  });

  it('is not changed by what is done with a snapshot', () => {
    const ring = new OutputRing(10);
    ring.write(bytes('abc'));
    ring.snapshot().fill(0);
    expect(snapshot(ring)).toBe('abc');
  });
});
