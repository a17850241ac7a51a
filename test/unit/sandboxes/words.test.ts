import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/sandboxes/actions.ts';
import {
  checkNumber,
  checkRequest,
  checkTemplate,
  newName,
  sizes,
  timeouts,
} from '../../../src/sandboxes/createInput.ts';
import {
  describe as words,
  formatMib,
  formatMinutes,
  formatSeconds,
  timeLeft,
} from '../../../src/sandboxes/describe.ts';
import { explain, ProviderError } from '../../../src/sandboxes/errors.ts';
import type { Sandbox, SandboxState } from '../../../src/sandboxes/sandbox.ts';
import { record, ScriptedProvider } from './scriptedProvider.ts';

const sandbox = (more: Partial<Sandbox>): Sandbox => ({
  ...record('s', 'running'),
  key: 'a/s',
  accountId: 'a',
  name: 's',
  ...more,
});

describe('the words beside a sandbox', () => {
  it('tell state, time left and size', () => {
    const full = sandbox({ vcpu: 2, memoryMib: 1024, endsAt: 4 * 60_000 });
    expect(words(full, 0)).toBe('running · 4 min left · 2 vCPU · 1 GiB');
  });

  it('tell when it has no network, which may be by choice or for want of one', () => {
    expect(words(sandbox({ network: 'deny-all' }), 0)).toBe('running · no network');
  });

  it('leave out what is not known, and the time of what does not run', () => {
    expect(words(sandbox({ state: 'paused', endsAt: 9_999_999 }), 0)).toBe('paused');
  });

  it('round time up, so that a sandbox never outlives what they say', () => {
    expect(timeLeft(sandbox({ endsAt: 61_000 }), 0)).toBe('2 min left');
    expect(timeLeft(sandbox({ endsAt: 30_000 }), 0)).toBe('under 1 min left');
    expect(timeLeft(sandbox({ endsAt: 480 * 60_000 }), 0)).toBe('8 h left');
  });

  it.each<[what: string, endsAt: number, more: Partial<Sandbox>]>([
    ['a service that rounds its end up to a second', 300_999, {}],
    ['a clock that is behind that of its service', 420_000, { timeoutSeconds: 300 }],
  ])('never say more than was asked for: %s', (_, endsAt, more) => {
    expect(timeLeft(sandbox({ endsAt, ...more }), 0)).toBe('5 min left');
  });

  it('claim no time that is over', () => {
    expect(timeLeft(sandbox({ endsAt: 1 }), 0)).toBe('under 1 min left');
    expect(timeLeft(sandbox({ endsAt: 0 }), 0)).toBe('time is over');
    expect(timeLeft(sandbox({ endsAt: 0 }), 600_000)).toBe('time is over');
  });

  it('give a time of seconds without making more of it', () => {
    expect([90, 20, 3600, 27_000].map(formatSeconds)).toEqual(['1 min 30 s', '20 s', '1 h', '7 h 30 min']);
  });

  it('give sizes and times in the unit a person would choose', () => {
    expect([formatMib(512), formatMib(1536), formatMib(8192)]).toEqual(['512 MiB', '1.5 GiB', '8 GiB']);
    expect([formatMinutes(45), formatMinutes(60), formatMinutes(450)]).toEqual([
      '45 min',
      '1 h',
      '7 h 30 min',
    ]);
  });
});

describe('what may be done', () => {
  const provider = new ScriptedProvider();

  it('depends on the state', () => {
    const possible = (state: SandboxState) => Array.from(actions(record('s', state), provider));
    expect(possible('running')).toEqual([
      'pause',
      'createAgain',
      'showDetails',
      'rename',
      'copyId',
      'delete',
    ]);
    expect(possible('paused')).toEqual([
      'resume',
      'createAgain',
      'showDetails',
      'rename',
      'copyId',
      'delete',
    ]);
    expect(possible('deleting')).toEqual(['showDetails', 'copyId']);
  });

  it.each<[SandboxState, boolean]>([
    ['starting', true],
    ['running', true],
    ['pausing', true],
    ['paused', true],
    ['resuming', true],
    ['stopping', true],
    ['stopped', true],
    ['snapshotting', true],
    ['unknown', true],
    ['deleting', false],
  ])('includes to delete it unless that is under way: %s', (state, expected) => {
    expect(actions(record('s', state), provider).has('delete')).toBe(expected);
  });

  it('depends on what the provider has', () => {
    expect(actions(record('s', 'running'), provider).has('stop')).toBe(false);
    expect(actions(record('s', 'running'), provider).has('openTerminal')).toBe(false);
    expect(actions(record('s', 'running'), provider).has('openInRemoteSsh')).toBe(false);
  });
});

describe('what is typed', () => {
  const memory = { min: 512, max: 8192, step: 2, default: 1024 };

  it('is answered with the allowed range', () => {
    expect(checkNumber('511', memory, 'MiB')).toBe('Type an even number from 512 to 8192 (MiB).');
    for (const wrong of ['', ' ', 'x', '513', '8194', '1e9', '-512', '1024.5', '0x', 'NaN', 'Infinity']) {
      expect(checkNumber(wrong, memory, 'MiB'), wrong).toBeDefined();
    }
  });

  it('may have spaces around it', () => {
    expect(checkNumber(' 1024 ', memory, 'MiB')).toBeUndefined();
  });

  it('names a template with 1 to 64 characters', () => {
    const bounds = { minLength: 1, maxLength: 64 };
    expect(checkTemplate('a', bounds)).toBeUndefined();
    expect(checkTemplate(' ', bounds)).toContain('1 to 64');
    expect(checkTemplate('a'.repeat(65), bounds)).toContain('1 to 64');
  });
});

describe('what is offered', () => {
  const limits = new ScriptedProvider().createLimits;

  it('starts with the default and stays within the limits', () => {
    expect(sizes(limits)[0]).toEqual({ vcpu: 1, memoryMib: 1024 });
    expect(sizes({ ...limits, vcpu: { min: 1, max: 2, default: 2 } })).toEqual([
      { vcpu: 2, memoryMib: 1024 },
      { vcpu: 1, memoryMib: 1024 },
      { vcpu: 2, memoryMib: 2048 },
    ]);
    expect(timeouts({ min: 1, max: 60, default: 5 })).toEqual([5, 15, 30, 60]);
  });

  it('includes a short name that is not taken', () => {
    expect(newName('system/debian:bookworm', ['debian-1', 'x'])).toBe('debian-2');
    expect(newName('../../<b>', [])).toBe('sandbox-1');
  });
});

it('tells a person what happened, to which field, and what to do', () => {
  const error = new ProviderError('invalid', 'Invalid request', {
    fields: [{ field: 'memory', error: 'must be even' }],
    advice: 'Choose another size.',
  });
  expect(explain(error)).toBe('Invalid request. memory: must be even. Choose another size.');
});

describe('a request to create', () => {
  const range = (min: number, max: number) => ({ min, max, default: min });
  const limits = {
    templates: ['known'],
    vcpu: range(1, 8),
    memoryMib: { ...range(512, 8192), step: 2 },
    timeoutMinutes: range(1, 480),
    autoPause: true,
  };
  const right = { template: 'known', vcpu: 1, memoryMib: 512, timeoutMinutes: 480, autoPause: true };
  const wrong = (change: object, more: object = {}) =>
    checkRequest({ ...right, ...change }, { ...limits, ...more }).map(({ field }) => field);

  it('passes within the limits', () => expect(wrong({})).toEqual([]));

  it.each([
    [{ vcpu: 9 }, ['vcpu']],
    [{ vcpu: 1.5, memoryMib: 513, timeoutMinutes: 0 }, ['vcpu', 'memoryMib', 'timeoutMinutes']],
    [{ template: 'of my own' }, ['template']],
  ])('names every field that is out of them: %j', (change, fields) => {
    expect(wrong(change)).toEqual(fields);
  });

  it('may name any template where the service takes any', () => {
    const templateName = { minLength: 1, maxLength: 64 };
    expect(wrong({ template: 'of my own' }, { templateName })).toEqual([]);
    expect(wrong({ template: '' }, { templateName })).toEqual(['template']);
  });
});
