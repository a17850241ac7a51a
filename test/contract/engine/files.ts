import { afterAll, beforeAll } from 'vitest';
import { Client, type Answer } from './client.ts';
import { dispose, startEngine, type RunningEngine, type StartOptions } from './startEngine.ts';

/** Names that a program may stumble over. */
export const oddNames = [
  '-n',
  ' space ',
  'two\nlines',
  'ends in newline\n',
  `'"$(id)\`id\`\\`,
  '*?[a]{b}',
  'ünï😀',
  '..x',
];

export const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** A sandbox for the tests of a block, and the calls about its files. */
export class Files {
  #engine: RunningEngine | undefined;
  #client: Client | undefined;
  #folders = 0;
  sandbox = '';

  constructor(options: () => StartOptions) {
    beforeAll(async () => {
      this.#engine = await startEngine(options());
      this.#client = new Client(this.#engine);
      this.sandbox = await this.#client.create();
    });
    afterAll(async () => this.#engine && dispose(this.#engine));
  }

  get client(): Client {
    if (!this.#client) throw new Error('The engine is not there yet');
    return this.#client;
  }

  /** A new empty folder. */
  async newFolder(): Promise<string> {
    const folder = `/home/user/${(this.#folders += 1)}`;
    await this.run(`mkdir ${folder}`);
    return folder;
  }

  run(command: string): Promise<string> {
    return this.client.run(this.sandbox, command);
  }

  call(name: string, body: object): Promise<Answer> {
    return this.client.call('POST', `${this.sandbox}/filesystem/${name}`, body);
  }

  // What a test looks at is for it to know.
  // oxlint-disable-next-line typescript/no-explicit-any
  async items(name: string, body: object): Promise<any> {
    const { status, body: answer } = await this.call(name, body);
    if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(answer)}`);
    return answer.items;
  }

  write(path: string, raw: string | Buffer, more = ''): Promise<Answer> {
    const query = `path=${encodeURIComponent(path)}${more}`;
    return this.post(`write-file?${query}`, raw, 'application/octet-stream');
  }

  post(name: string, raw: string | Buffer, type: string): Promise<Answer> {
    const options = { raw, headers: { 'content-type': type } };
    return this.client.call('POST', `${this.sandbox}/filesystem/${name}`, undefined, options);
  }

  async read(path: string, more: object = {}): Promise<Buffer> {
    return (await this.call('read-file', { path, ...more })).bytes;
  }

  async text(path: string, more: object = {}): Promise<string> {
    return (await this.read(path, more)).toString();
  }

  /** The status, and the field that is to blame or else the message. */
  async refusal(name: string, body: object): Promise<string> {
    return refusalOf(await this.call(name, body));
  }
}

export function refusalOf({ status, body }: Answer): string {
  return `${status} ${body?.errors?.[0].field ?? body?.message}`;
}
