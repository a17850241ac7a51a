import * as vscode from 'vscode';
import { formatMinutes } from '../../sandboxes/describe.ts';
import { demanded, unlessGone } from '../../sandboxes/errors.ts';
import type { PresignedUrl, PresignedUrls } from '../../sandboxes/ports.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { copyText } from '../clipboard.ts';
import { isNode, type UrlNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { askInTurn, choose, keep, type, type Answer, type Step } from '../wizard.ts';
import { askPort, checkPort, openForwarded, usualPort } from './forwards.ts';
import { targetOf } from './target.ts';

/** The times that a URL may last, in minutes. */
const expiries = [60, 15, 240, 1440];

/** Copies the address of a port, which takes only requests with the account's key. */
export async function copyPortUrl(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'copyPortUrl', argument);
  if (!sandbox) return;
  const ports = await portsOf(parts, sandbox);
  const answers = await askForUrl(sandbox);
  if (!answers) return;
  const { isWebSocket, path } = answers;
  const port = answers.port === '' ? undefined : Number(answers.port);
  const url = isWebSocket
    ? ports.websocketUrl(sandbox.id, path, port)
    : ports.invokeUrl(sandbox.id, path, port);
  await copyText(url, 'the URL. It takes only requests with the API key in a header');
}

async function askForUrl(sandbox: Sandbox) {
  const title = `URL of ${message(sandbox.name)}`;
  const place = (step: number) => ({ title, step, totalSteps: 3 });
  return askInTurn({ isWebSocket: false, port: '', path: '/' }, [
    async ({ isWebSocket }) => {
      const choices = [
        { label: 'HTTP', description: 'https://', value: false },
        { label: 'WebSocket', description: 'wss://', value: true },
      ];
      const step = { ...place(1), placeholder: 'Choose what speaks there' };
      return keep(await choose(step, choices, choices[isWebSocket ? 1 : 0]), (value) => ({
        isWebSocket: value,
      }));
    },
    async ({ port }) => {
      const prompt = "The port. Leave it empty for the sandbox's main one.";
      const typed = await type({ ...place(2), placeholder: '8080', prompt }, port, checkOptionalPort);
      return keep(typed, (text) => ({ port: text.trim() }));
    },
    async ({ path }) => {
      const step = { ...place(3), placeholder: '/', prompt: 'The path.' };
      return keep(await type(step, path, checkPath), (text) => ({ path: text.trim() || '/' }));
    },
  ]);
}

const checkOptionalPort = (text: string): string | undefined => (text.trim() ? checkPort(text) : undefined);

const checkPath = (text: string): string | undefined =>
  /^(\/\S*)?$/.test(text.trim()) ? undefined : 'A path begins with / and has no blanks.';

/** Opens a port in the browser: by a URL where the service makes them, else forwarded to this machine. */
export async function openPort(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'openPort', argument);
  if (!sandbox) return;
  const { ports } = await parts.fleet.account(sandbox.accountId).provider();
  if (ports?.presigned) await openByUrl(parts, sandbox, ports.presigned);
  else await openForwarded(parts, sandbox);
}

async function openByUrl(parts: Parts, sandbox: Sandbox, presigned: PresignedUrls): Promise<void> {
  const answers = await askForPort(sandbox);
  if (!answers) return;
  const { port, minutes } = answers;
  const url = await withProgress(`Opening port ${port} of ${message(sandbox.name)}…`, (signal) =>
    presigned.create(sandbox.id, { port, expiresInSeconds: minutes * 60 }, { signal }),
  );
  parts.urls.add(sandbox, url);
  await openInBrowser(url);
}

async function askForPort(sandbox: Sandbox) {
  const title = `Open a Port of ${message(sandbox.name)}`;
  const place = (step: number) => ({ title, step, totalSteps: 2 });
  return askInTurn({ port: usualPort, minutes: expiries[0] ?? 60 }, [
    ({ port }) => askPort({ ...place(1), prompt: 'The port in the sandbox.' }, port),
    async ({ minutes }): Promise<Answer<{ minutes: number }>> => {
      const step: Step = {
        ...place(2),
        placeholder: 'Choose how long the URL lasts. Whoever has it can use the port',
      };
      const choices = expiries.map((value) => ({ label: formatMinutes(value), value }));
      const selected = choices.find(({ value }) => value === minutes);
      return keep(await choose(step, choices, selected), (value) => ({ minutes: value }));
    },
  ]);
}

const openInBrowser = ({ url }: PresignedUrl) => vscode.env.openExternal(vscode.Uri.parse(url, true));

export async function openUrl(_: Parts, argument: unknown): Promise<void> {
  const node = urlOf(argument);
  if (node) await openInBrowser(node.url);
}

export async function copyUrl(_: Parts, argument: unknown): Promise<void> {
  const node = urlOf(argument);
  if (node) await copyText(node.url.url, 'the URL, which is a secret: whoever has it can use the port');
}

/** Ends a URL: nobody can use it any more. */
export async function revokeUrl(parts: Parts, argument: unknown): Promise<void> {
  const node = urlOf(argument);
  if (!node) return;
  const { sandbox, url } = node;
  const { presigned } = await portsOf(parts, sandbox);
  if (presigned) await unlessGone(presigned.delete(sandbox.id, url.id));
  parts.urls.remove(sandbox, url.id);
}

/** Copies where a session's WebSocket is, for other programs. */
export async function copySessionUrl({ fleet }: Parts, argument: unknown): Promise<void> {
  if (!isNode(argument) || argument.kind !== 'session') return;
  const { sandbox, session } = argument;
  const { terminals } = await fleet.account(sandbox.accountId).provider();
  const urlFor = demanded(terminals?.websocketUrl, 'No other program can reach this session.');
  await copyText(
    urlFor(sandbox.id, session.id),
    'the URL of the session. It takes only requests with the API key in a header',
  );
}

async function portsOf({ fleet }: Parts, { accountId }: Sandbox) {
  const { ports } = await fleet.account(accountId).provider();
  return demanded(ports, 'The ports of this sandbox have no addresses.');
}

const urlOf = (argument: unknown): UrlNode | undefined =>
  isNode(argument) && argument.kind === 'url' ? argument : undefined;
