import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { moment } from '../../../src/window/explorer/moment.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 21, 12, 0) });
});

afterEach(() => {
  vi.useRealTimers();
});

it('tells a moment of today by its time alone', () => {
  expect(moment(new Date(2026, 10, 21, 23, 59).getTime())).toMatch(/^\d+[:.]59\D*$/);
});

it('tells any other moment with its date', () => {
  expect(moment(new Date(2026, 10, 22, 0, 1).getTime())).toMatch(/2026/);
});
