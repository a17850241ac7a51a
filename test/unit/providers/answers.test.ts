import { describe, expect, it } from 'vitest';
import type * as v from 'valibot';
import { decode } from '../../../src/net/decode.ts';
import * as answers from '../../../src/providers/leap0/wire/responses.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';

const read = <Schema extends v.GenericSchema>(schema: Schema, value: unknown) =>
  decode(schema, value, 'GET /v1/x');

/** The field that a refused answer is refused for. */
function fieldOf(schema: v.GenericSchema, value: unknown): string | undefined {
  try {
    read(schema, value);
    return undefined;
  } catch (thrown) {
    const { kind, fields, message } = ProviderError.from(thrown);
    expect(kind).toBe('protocol');
    const [first] = fields;
    expect(message).toContain(`${first?.field}: ${first?.error}`);
    return first?.field;
  }
}

const at = Date.UTC(2026, 1, 8, 12, 34, 56);
const text = '2026-02-08T12:34:56Z';

const sandbox = { id: 'sb-1', state: 'running' };
const snapshot = { id: 'sn-1', name: 'warm' };
const session = { id: 'pty-1', active: true };
const access = { id: 'ssh-1', password: 'p', ssh_command: 'ssh ssh-1@gateway.test' };
const url = { id: 'url-1', token: 't', url: 'https://t.leap0.app', port: 80, expires_at: text };

describe('an answer about a command', () => {
  it.each<[unknown, number, string, string]>([
    [{ exit_code: 3, stdout: 'out', stderr: 'err' }, 3, 'out', 'err'],
    [{ exit_code: 3, result: 'out' }, 3, 'out', ''],
    [{ exit_code: 3, result: 'both', stdout: 'out', stderr: 'err' }, 3, 'out', 'err'],
    [{ exit_code: 3, result: 'all', stdout: null, stderr: null }, 3, 'all', ''],
    [{ exit_code: 0, stdout: 'out' }, 0, 'out', ''],
    [{ exit_code: null, stdout: null, stderr: null, result: null }, 0, '', ''],
    [{ result: 'out' }, 0, 'out', ''],
    [{}, 0, '', ''],
  ])('is understood: %j', (wire, exitCode, stdout, stderr) => {
    expect(read(answers.execution, wire)).toMatchObject({ exitCode, stdout, stderr });
  });

  it('is refused when it is none', () => {
    expect(fieldOf(answers.execution, { exit_code: '0' })).toBe('exit_code');
    expect(fieldOf(answers.execution, { exit_code: 0, result: 7 })).toBe('result');
  });
});

describe('a time', () => {
  it.each<[unknown, number | undefined]>([
    [text, at],
    ['2026-02-08T13:34:56+01:00', at],
    [at / 1000, at],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [0, undefined],
    ['0001-01-01T00:00:00Z', undefined],
  ])('may be %j, wherever it stands', (time, expected) => {
    const wire = {
      ...sandbox,
      created_at: time,
      launch_time: time,
      state_change_time: time,
      timeout_at: time,
    };
    const { createdAt, launchedAt, timeoutAt } = read(answers.sandbox, wire);
    expect([createdAt, launchedAt, timeoutAt]).toEqual([expected, expected, expected]);
    expect(read(answers.snapshot, { ...snapshot, created_at: time }).createdAt).toBe(expected);
    expect(read(answers.ptySession, { ...session, created_at: time }).createdAt).toBe(expected);
    expect(read(answers.sshAccess, { ...access, expires_at: time }).expiresAt).toBe(expected);
    expect(read(answers.presignedUrl, { ...url, expires_at: time }).expiresAt).toBe(expected);
  });

  it.each(['yesterday', true, {}])('is refused by its name when it is none: %j', (time) => {
    expect(fieldOf(answers.sandbox, { ...sandbox, timeout_at: time })).toBe('timeout_at');
  });
});

describe('an answer with nothing but what identifies it', () => {
  const nothing = (names: string[]) => Object.fromEntries(names.map((name) => [name, null]));

  it('is a sandbox that is not known any better', () => {
    const names = [
      'state',
      'template_id',
      'template_name',
      'vcpu',
      'memory',
      'disk',
      'timeout',
      'auto_pause',
    ];
    const more = [...names, 'network_policy', 'warnings', 'memory_mib', 'timeout_min', 'created_at'];
    for (const wire of [{ id: 'sb-1' }, { id: 'sb-1', ...nothing(more) }]) {
      const { id, state, ...others } = read(answers.sandbox, wire);
      expect([id, state]).toEqual(['sb-1', 'starting']);
      expect(Object.values(others).filter((value) => value !== undefined)).toEqual([]);
    }
    expect(read(answers.sandbox, { ...sandbox, network_policy: {} }).network).toBeUndefined();
  });

  it('is a snapshot, a session, a set of credentials or a URL', () => {
    expect(
      read(answers.snapshot, { ...snapshot, ...nothing(['vcpu', 'state', 'network_policy']) }),
    ).toMatchObject({
      id: 'sn-1',
      name: 'warm',
    });
    for (const wire of [
      { id: 'pty-1' },
      { id: 'pty-1', ...nothing(['active', 'cwd', 'envs', 'lazy_start']) },
    ]) {
      expect(read(answers.ptySession, wire)).toMatchObject({ id: 'pty-1', active: false, lazyStart: false });
    }
    expect(read(answers.sshAccess, access)).toMatchObject({ id: 'ssh-1', expiresAt: undefined });
    expect(read(answers.presignedUrl, { id: 'url-1', url: url.url })).toMatchObject({
      id: 'url-1',
      url: url.url,
    });
  });

  it.each([
    [{ valid: true }, true],
    [{ valid: false }, false],
    [{ valid: null }, false],
    [{}, false],
  ])('says of credentials whether they are good: %j', (wire, valid) => {
    expect(read(answers.sshValidation, wire)).toBe(valid);
  });

  it('may have fields that are not known yet', () => {
    expect(read(answers.sandbox, { ...sandbox, mounts: [{}] }).id).toBe('sb-1');
    expect(read(answers.execution, { exit_code: 0, stdout: '', stderr: '', signal: 9 }).exitCode).toBe(0);
  });
});

describe('what identifies a thing', () => {
  it.each<[string, v.GenericSchema, object, string]>([
    ['sandbox', answers.sandbox, sandbox, 'id'],
    ['snapshot', answers.snapshot, snapshot, 'id'],
    ['snapshot', answers.snapshot, snapshot, 'name'],
    ['session', answers.ptySession, session, 'id'],
    ['SSH access', answers.sshAccess, access, 'id'],
    ['SSH access', answers.sshAccess, access, 'password'],
    ['SSH access', answers.sshAccess, access, 'ssh_command'],
    ['presigned URL', answers.presignedUrl, url, 'id'],
    ['presigned URL', answers.presignedUrl, url, 'url'],
  ])('is required, and named when it is missing: of a %s the %s %#', (_, schema, wire, field) => {
    for (const value of [undefined, null, '']) {
      expect(fieldOf(schema, { ...wire, [field]: value })).toBe(field);
    }
  });

  it('has another name at the oldest services', () => {
    expect(read(answers.snapshot, { snapshot_id: 'sn-1', name: 'warm' }).id).toBe('sn-1');
    expect(read(answers.snapshot, { id: null, snapshot_id: 'sn-1', name: 'warm' }).id).toBe('sn-1');
    expect(read(answers.ptySession, { session_id: 'pty-1' }).id).toBe('pty-1');
  });

  it('is named by its place in a list', () => {
    expect(fieldOf(answers.sandboxList, { items: [sandbox, {}], total_items: 2 })).toBe('items.1.id');
  });
});

describe('a list', () => {
  it.each<[unknown, number | undefined]>([
    [{ items: [], total_items: 0 }, 0],
    [{ items: null, total_items: 0 }, 0],
    [{ total_items: 0 }, 0],
    [{ items: [], total_items: null }, undefined],
    [{ items: null }, undefined],
    [{ items: [] }, undefined],
  ])('may be empty in any of these ways: %j', (wire, total) => {
    expect(read(answers.sandboxList, wire)).toEqual({ items: [], total });
    expect(read(answers.snapshotList, wire)).toEqual({ items: [], total });
    expect(read(answers.ptySessionList, wire)).toEqual([]);
  });

  it.each([{}, { hello: 'world' }, [], 'text', null])('is not %j', (wire) => {
    expect(fieldOf(answers.sandboxList, wire)).toBeDefined();
  });
});

describe('the body of an error', () => {
  it.each<[unknown, string | undefined, object[]]>([
    [{ message: 'No' }, 'No', []],
    [{ message: 'No', errors: null }, 'No', []],
    [
      { message: 'No', errors: [{ field: 'vcpu', error: 'is wrong' }] },
      'No',
      [{ field: 'vcpu', error: 'is wrong' }],
    ],
    [{ message: 'No', errors: [{ error: 'is wrong' }, {}] }, 'No', [{ field: '', error: 'is wrong' }]],
    [{ message: 'No', errors: ['vcpu is wrong'] }, 'No', []],
    [{ message: null, errors: [{ field: 'vcpu', error: null }] }, undefined, [{ field: 'vcpu', error: '' }]],
    [{ message: '' }, undefined, []],
    [{ error: 'No' }, undefined, []],
  ])('is understood as far as it goes: %j', (wire, message, fields) => {
    expect(read(answers.errorBody, wire)).toEqual({ message, fields });
  });
});
