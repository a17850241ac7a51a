import { expect, it, onTestFinished, vi } from 'vitest';
import { Ledger } from '../../../src/sandboxes/ledger.ts';
import { record } from './scriptedProvider.ts';

it('keeps what a shorter answer leaves out', () => {
  const ledger = new Ledger();
  ledger.accept(record('s', 'running', { vcpu: 2, endsAt: 5 }), ledger.now());
  ledger.accept(record('s', 'running'), ledger.now());
  expect(ledger.get('s')).toMatchObject({ vcpu: 2, endsAt: 5 });
});

it('forgets the end of a life that is over', () => {
  const ledger = new Ledger();
  ledger.accept(record('s', 'running', { vcpu: 2, endsAt: 5 }), ledger.now());
  ledger.accept(record('s', 'paused'), ledger.now());
  expect(ledger.get('s')?.endsAt).toBeUndefined();
  expect(ledger.get('s')?.vcpu).toBe(2);
});

it('shows a transition until its command ends, whatever is answered meanwhile', () => {
  const ledger = new Ledger();
  ledger.accept(record('s', 'running'), ledger.now());
  ledger.begin('s', 'stopping');
  ledger.acceptList([], ledger.now());
  ledger.accept(record('s', 'running'), ledger.now());
  expect(ledger.get('s')?.state).toBe('stopping');
  ledger.end('s', 'stopping', record('s', 'stopped'));
  expect(ledger.get('s')?.state).toBe('stopped');
});

it('shows the transition of the later one of two commands, until that one ends', () => {
  const ledger = new Ledger();
  ledger.accept(record('s', 'running'), ledger.now());
  ledger.begin('s', 'pausing');
  ledger.begin('s', 'deleting');
  ledger.end('s', 'pausing', record('s', 'paused'));
  expect(ledger.get('s')?.state).toBe('deleting');
  ledger.end('s', 'deleting');
  expect(ledger.get('s')?.state).toBe('paused');
});

it('does not let an older answer undo a newer one, whichever call it came from', () => {
  const ledger = new Ledger();
  const listAskedAt = ledger.now();
  const getAskedAt = ledger.now();
  ledger.accept(record('s', 'running'), getAskedAt);
  ledger.acceptList([record('s', 'starting')], listAskedAt);
  expect(ledger.get('s')?.state).toBe('running');
});

it('does not bring back what was deleted here, however many lists came between', () => {
  const ledger = new Ledger();
  const askedAt = ledger.now();
  ledger.add(record('s', 'running'));
  ledger.remove('s');
  ledger.acceptList([], ledger.now());
  ledger.accept(record('s', 'running'), askedAt);
  expect(ledger.all()).toEqual([]);
});

it('reckons the time left of what it saw start, until a list tells it', () => {
  const ledger = new Ledger();
  ledger.add(record('s', 'running', { timeoutSeconds: 60 }));
  expect(ledger.get('s')?.endsAt).toBeGreaterThan(Date.now() + 50_000);
  ledger.accept(record('s', 'running', { endsAt: 7 }), ledger.now());
  expect(ledger.get('s')?.endsAt).toBe(7);
});

it('gives moments that come after all it has heard of, and that no other window gives', () => {
  const heardOf = Date.now() + 60_000;
  const windows = 1000;
  const random = vi.spyOn(Math, 'random');
  onTestFinished(() => random.mockRestore());
  const ledgers = Array.from({ length: windows }, (_, nth) => {
    random.mockReturnValueOnce(nth / windows);
    return new Ledger();
  });
  for (const ledger of ledgers) ledger.hear({ facts: [], removals: [{ id: 's', removedAt: heardOf }] });
  const moments = ledgers.map((ledger) => ledger.now());
  expect(Math.min(...moments)).toBeGreaterThan(heardOf);
  expect(new Set(moments).size).toBe(windows);
});
