import * as v from 'valibot';
import { expect, it } from 'vitest';
import { decode } from '../../../src/net/decode.ts';
import type { ProviderError } from '../../../src/sandboxes/errors.ts';
import { sandbox, sandboxList } from '../../../src/providers/leap0/wire/responses.ts';

const secret = 'sk-live-0123456789';

function failureOf(schema: v.GenericSchema, value: unknown): ProviderError {
  try {
    decode(schema, value, 'GET /thing', 'req-1');
  } catch (thrown) {
    return thrown as ProviderError;
  }
  throw new Error('it was understood');
}

it('names the field that is wrong or missing, and the request', () => {
  const missing = failureOf(sandboxList, { items: [{ state: 'running' }], total_items: 1 });
  expect(missing.message).toBe('The answer to GET /thing is not understood: items.0.id: is missing');
  expect([missing.kind, missing.requestId]).toEqual(['protocol', 'req-1']);
  expect(failureOf(sandbox, { id: 's', state: 7 }).message).toContain('state: is not string');
  expect(failureOf(sandbox, 'text').message).toContain('body: is not Object');
});

it.each([
  ['a text for a number', v.object({ vcpu: v.number() }), { vcpu: secret }],
  ['a text among literals', v.object({ mode: v.picklist(['a', 'b']) }), { mode: secret }],
  ['a number for a text', v.object({ key: v.string() }), { key: 123456789 }],
  ['a text that is too long', v.object({ key: v.pipe(v.string(), v.maxLength(3)) }), { key: secret }],
  ['a text of the wrong form', v.object({ key: v.pipe(v.string(), v.regex(/^x/)) }), { key: secret }],
  ['no time', sandbox, { id: 's', state: 'running', created_at: secret }],
  ['nothing of a union', v.object({ key: v.union([v.number(), v.boolean()]) }), { key: secret }],
])('never quotes what was received: %s', (_, schema, value) => {
  const failure = failureOf(schema, value);
  expect(JSON.stringify([failure.message, failure.fields, failure.stack])).not.toMatch(/sk-live|123456789/);
});
