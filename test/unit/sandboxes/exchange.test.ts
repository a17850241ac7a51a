import { expect, it, vi } from 'vitest';
import { Exchange } from '../../../src/sandboxes/exchange.ts';
import { Ledger } from '../../../src/sandboxes/ledger.ts';
import { MemorySharing } from './memorySharing.ts';
import { record } from './scriptedProvider.ts';

/** What a window knows of an account, and its way to the others. */
function open(sharing: MemorySharing) {
  const ledger = new Ledger();
  const exchange = new Exchange(
    ledger,
    async () => sharing.board('a'),
    () => {},
  );
  const states = () => ledger.all().map(({ id, state }) => `${id} ${state}`);
  return { ledger, exchange, states };
}

it('tells news that could not be told with the next ones', async () => {
  const sharing = new MemorySharing();
  const [one, other] = [open(sharing), open(sharing)];
  const { news } = sharing.board('a');
  const failure = vi.spyOn(news, 'update').mockRejectedValueOnce(new Error('ENOSPC'));
  one.ledger.add(record('s', 'running'));
  one.exchange.tell();
  await vi.waitFor(() => expect(failure).toHaveBeenCalled());
  one.ledger.add(record('t', 'running'));
  one.exchange.tell();
  await vi.waitFor(async () => expect(await other.exchange.hear()).toBe(true));
  expect(other.states()).toEqual(['s running', 't running']);
});

it('never puts an older list in the place of a newer one', async () => {
  const sharing = new MemorySharing();
  const [slow, quick, late] = [open(sharing), open(sharing), open(sharing)];
  const earlier = slow.ledger.now();
  const later = earlier + 1;
  quick.ledger.acceptList([record('s', 'paused')], later);
  await quick.exchange.tellList(later);
  slow.ledger.acceptList([record('s', 'running')], earlier);
  await slow.exchange.tellList(earlier);
  await late.exchange.hear();
  expect(late.states()).toEqual(['s paused']);
});

it('keeps no news that the list tells as well', async () => {
  const sharing = new MemorySharing();
  const { ledger, exchange } = open(sharing);
  ledger.add(record('s', 'running'));
  ledger.remove('t');
  const askedAt = ledger.now();
  ledger.acceptList([record('s', 'running')], askedAt);
  await exchange.tellList(askedAt);
  expect(await sharing.board('a').news.read()).toEqual({ listAskedAt: askedAt, facts: [], removals: [] });
});

it('hears its own news without taking them for new', async () => {
  const sharing = new MemorySharing();
  const { ledger, exchange } = open(sharing);
  ledger.add(record('s', 'starting'));
  exchange.tell();
  await vi.waitFor(async () => expect(await sharing.board('a').news.read()).toBeDefined());
  expect(await exchange.hear()).toBe(false);
  expect(ledger.beliefIn('s')?.heard).toBe(false);
});

it('leaves a window to itself where nothing can be shared', async () => {
  const ledger = new Ledger();
  const exchange = new Exchange(
    ledger,
    () => Promise.reject(new Error('EACCES')),
    () => {},
  );
  exchange.follow(() => undefined);
  expect(await exchange.hear()).toBe(false);
  await exchange.tellList(ledger.now());
  expect(exchange.listedAt).toBeGreaterThan(0);
  const task = vi.fn(async () => {});
  await exchange.inTurn(task);
  expect(task).toHaveBeenCalledTimes(1);
});
