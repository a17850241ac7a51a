import { expect, it } from 'vitest';
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
  ledger.end('s', record('s', 'stopped'));
  expect(ledger.get('s')?.state).toBe('stopped');
});
