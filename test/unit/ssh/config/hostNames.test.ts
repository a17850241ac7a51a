import { describe, expect, it } from 'vitest';
import { chooseName } from '../../../../src/ssh/config/hostNames.ts';

describe('the name of a host', () => {
  it.each([
    ['Local', 'web-1', 'local-web-1'],
    ['Acme Europe Production Cloud', 'web', 'acme-europe-production-cloud-web'],
    ['Local', 'customer-analytics-backend', 'local-customer-analytics-backend'],
    ['Acme Europe Production Cloud', 'customer-analytics-backend', 'acme-europe-customer-analytics'],
    ['Acme Europe Production Cloud', 'customer-analytics-backend-12', 'acme-europe-customer-analytics-12'],
    ['Acme Europe Production Cloud', 'x'.repeat(500), `acme-europe-${'x'.repeat(23)}`],
    ['x'.repeat(500), 'y'.repeat(500), `${'x'.repeat(12)}-${'y'.repeat(23)}`],
    ['-', '日本', 'account-sandbox'],
  ])('of %s and %s keeps what tells it from others', (account, sandbox, name) => {
    expect(chooseName(account, sandbox, new Set())).toBe(name);
  });

  it('has about 40 characters at most, and stays unique, however many are alike', () => {
    const taken = new Set<string>();
    const parts = ['Acme Europe Production Cloud', 'customer-analytics-backend-of-berlin-2024'] as const;
    const names = Array.from({ length: 1_000 }, () => chooseName(...parts, taken));
    expect(new Set(names).size).toBe(1_000);
    for (const name of names) {
      expect(name).toMatch(/^acme-europe-customer-analytics-2024(-\d+)?$/);
      expect(name.length).toBeLessThanOrEqual(41);
    }
  });
});
