import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/common/turns.ts';

describe('turns', () => {
  it('go in order, one at a time, and those of another key do not wait', async () => {
    const turns = new Turns();
    const events: string[] = [];
    const first = Promise.withResolvers<void>();
    const taken = [
      turns.take('a', async () => {
        events.push('first begins');
        await first.promise;
        events.push('first ends');
      }),
      turns.take('a', async () => events.push('second')),
    ];
    await turns.take('b', async () => events.push('other'));
    expect(events).toEqual(['first begins', 'other']);
    first.resolve();
    await Promise.all(taken);
    expect(events.slice(2)).toEqual(['first ends', 'second']);
  });

  it('go on after one that fails', async () => {
    const turns = new Turns();
    const failing = turns.take('a', () => Promise.reject(new Error('mine')));
    const next = turns.take('a', async () => 'done');
    await expect(failing).rejects.toThrow('mine');
    expect(await next).toBe('done');
  });
});
