import { afterEach, expect, it } from 'vitest';
import { Leap0Provider } from '../../../src/providers/leap0/provider.ts';
import { revisionB } from '../../../src/providers/leap0/revisionB.ts';
import { networkOf } from '../net/testClient.ts';
import { TestServers } from '../net/testServers.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Page {
  readonly items: readonly string[];
  /** Left out of the answer where it is missing. */
  readonly total?: number;
}

/** A service with sandboxes that come and go while their list is read. */
class Service {
  readonly asked: string[] = [];
  ids: string[];
  /** Called before every answer. */
  before: (page: number) => void = () => undefined;
  /** What it answers for a page; what a service should, unless a test says otherwise. */
  answer = (page: number): Page => ({
    items: this.ids.slice((page - 1) * 100, page * 100),
    total: this.ids.length,
  });

  constructor(count: number) {
    this.ids = Array.from({ length: count }, (_, index) => `s${index}`);
  }

  remove(...ids: string[]): void {
    this.ids = this.ids.filter((id) => !ids.includes(id));
  }

  async open(): Promise<Leap0Provider> {
    const { port } = await servers.http((request, response) => {
      const url = new URL(request.url ?? '', 'http://test');
      const id = /^\/v1\/sandbox\/([^/]+)\/$/.exec(url.pathname)?.[1];
      this.asked.push(id ? `get ${id}` : `page ${url.searchParams.get('page')}`);
      if (id) {
        const exists = this.ids.includes(id);
        response.writeHead(exists ? 200 : 404).end(JSON.stringify(exists ? row(id) : { message: 'Gone' }));
        return;
      }
      const page = Number(url.searchParams.get('page'));
      this.before(page);
      const { items, total } = this.answer(page);
      response.end(JSON.stringify({ items: items.map(row), total_items: total }));
    });
    return new Leap0Provider({
      endpoint: async () => ({ origin: `http://127.0.0.1:${port}`, headers: {} }),
      network: networkOf({}),
      log,
      timeouts: () => ({ callMs: 5_000, createMs: 5_000 }),
      templates: [],
      timeoutMinutes: 5,
      autoPause: false,
      hide: () => {},
      dialect: revisionB,
      networkLimits: {},
    });
  }
}

const row = (id: string) => ({ id, state: 'running' });

/** The ids of the list, read by somebody who knows these already. */
const idsOf = async (service: Service, known: readonly string[] = []) =>
  (await (await service.open()).list({ known })).map(({ id }) => id);

it('reads every page once, and no more', async () => {
  const service = new Service(250);
  expect(await idsOf(service, service.ids)).toEqual(service.ids);
  expect(service.asked).toEqual(['page 1', 'page 2', 'page 3']);
});

it('reads a list that fills its last page, or has nothing, with one request', async () => {
  for (const count of [0, 100]) {
    const service = new Service(count);
    expect(await idsOf(service)).toHaveLength(count);
    expect(service.asked).toEqual(['page 1']);
  }
});

it.each<[number, number]>([
  [0, 1],
  [99, 1],
  [100, 2],
  [250, 3],
])(
  'reads a list of %i that does not tell how many there are until a page is not full',
  async (count, pages) => {
    const service = new Service(count);
    service.answer = (page) => ({ items: service.ids.slice((page - 1) * 100, page * 100) });
    expect(await idsOf(service)).toEqual(service.ids);
    expect(service.asked).toHaveLength(pages);
  },
);

it('tells one that moved from page to page once', async () => {
  const service = new Service(150);
  service.before = (page) => page === 2 && service.ids.unshift('new');
  const ids = await idsOf(service);
  expect(ids).toHaveLength(new Set(ids).size);
  expect(ids).toEqual(expect.arrayContaining(['s0', 's99', 's149']));
});

it('keeps one that slipped past while others were deleted, and asks for it alone', async () => {
  const service = new Service(150);
  const known = [...service.ids];
  service.before = (page) => page === 2 && service.remove('s3');
  const ids = await idsOf(service, known);
  expect(ids).toContain('s100');
  expect(service.asked).toEqual(['page 1', 'page 2', 'get s100']);
});

it('believes that one is gone which the service no longer knows', async () => {
  const service = new Service(150);
  const known = [...service.ids, 'gone'];
  expect(await idsOf(service, known)).toEqual(service.ids);
  expect(service.asked).toEqual(['page 1', 'page 2', 'get gone']);
});

it('believes a list of one page, which is of one moment', async () => {
  const service = new Service(3);
  expect(await idsOf(service, ['gone', ...service.ids])).toEqual(service.ids);
  expect(service.asked).toEqual(['page 1']);
});

it('reads the list a second time, and no oftener, when more are missing than it has pages', async () => {
  const service = new Service(150);
  const known = [...service.ids];
  service.before = (page) => page === 2 && service.remove('s3', 's4', 's5');
  const ids = await idsOf(service, known);
  expect(ids).toEqual(expect.arrayContaining(['s100', 's101', 's102']));
  expect(service.asked).toEqual(['page 1', 'page 2', 'page 1', 'page 2']);
});

it('goes on after a page that is not full, where more is promised', async () => {
  const service = new Service(120);
  service.answer = (page) => ({ items: service.ids.slice((page - 1) * 50, page * 50), total: 120 });
  expect(await idsOf(service)).toEqual(service.ids);
});

it('ends where nothing comes any more, whatever was promised', async () => {
  const service = new Service(120);
  const { answer } = service;
  service.answer = (page) => ({ ...answer(page), total: 5_000 });
  expect(await idsOf(service)).toEqual(service.ids);
  expect(service.asked).toEqual(['page 1', 'page 2', 'page 3']);
});

it.each<[string, (page: number) => Page]>([
  ['that answers the same page for ever', () => ({ items: new Service(100).ids, total: 5_000 })],
  [
    'whose list has no end',
    (page) => ({
      items: Array.from({ length: 100 }, (_, index) => `s${page}-${index}`),
      total: page * 1_000,
    }),
  ],
])('gives up a service %s, instead of taking the rest for gone', async (_, answer) => {
  const service = new Service(0);
  service.answer = answer;
  await expect(idsOf(service)).rejects.toMatchObject({ kind: 'protocol' });
  expect(service.asked.length).toBeLessThan(30);
});
