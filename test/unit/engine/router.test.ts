import { expect, it } from 'vitest';
import { Router } from '../../../src/engine/http/router.ts';

const router = new Router([
  { method: 'GET', pattern: '/v1/sandbox/:id', handler: 'get' },
  { method: 'DELETE', pattern: '/v1/sandbox/:id', handler: 'delete' },
  { method: 'POST', pattern: '/v1/sandbox/:id/pty/:sid/resize', handler: 'resize' },
]);

it('finds a handler by method and path, with or without a slash at the end', () => {
  const found = { kind: 'found', handler: 'get', params: { id: 'a' } };
  expect(router.match('GET', '/v1/sandbox/a')).toEqual(found);
  expect(router.match('GET', '/v1/sandbox/a/')).toEqual(found);
  expect(router.match('POST', '/v1/sandbox/a/pty/b/resize')).toMatchObject({ params: { id: 'a', sid: 'b' } });
});

it('decodes parameters one by one, so that none becomes two', () => {
  expect(router.match('GET', '/v1/sandbox/a%2Fb%20c')).toMatchObject({ params: { id: 'a/b c' } });
});

it('tells which methods a path has', () => {
  expect(router.match('PUT', '/v1/sandbox/a')).toEqual({ kind: 'wrongMethod', allowed: ['GET', 'DELETE'] });
});

it.each([
  '/',
  '/v1',
  '/v1/sandbox',
  '/v1/sandbox/',
  '/v1/sandbox//',
  '/v1/sandbox/%zz',
  '/v1/sandbox/a/b',
  'v1/sandbox/a',
])('knows nothing of %s', (path) => expect(router.match('GET', path)).toEqual({ kind: 'unknown' }));
