import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable.ts';
import { checkNumber } from '../../sandboxes/createInput.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { BrokenForward, PortForward } from '../../sandboxes/forwards.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { copyText } from '../clipboard.ts';
import { isNode, type ForwardNode } from '../explorer/nodes.ts';
import { extensionId } from '../extensionId.ts';
import { showFailure } from '../failures.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { prepareHost } from '../remote/prepareHost.ts';
import { keep, type, type Answer, type Step } from '../wizard.ts';
import { targetOf } from './target.ts';

export const usualPort = 8080;
const portRange = { min: 1, max: 65_535, default: usualPort };

/** Lets the user type a port of a sandbox. */
export async function askPort(
  step: Omit<Step, 'placeholder'>,
  port = usualPort,
): Promise<Answer<{ port: number }>> {
  const typed = await type({ ...step, placeholder: String(usualPort) }, String(port), checkPort);
  return keep(typed, (text) => ({ port: Number(text) }));
}

export const checkPort = (text: string): string | undefined => checkNumber(text, portRange, '');

const open = 'Open in Browser';
const copy = 'Copy Address';

/** Has a port of a sandbox found on `localhost`. */
export async function forwardPort(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'forwardPort', argument);
  const wanted = sandbox && (await askAndForward(parts, sandbox, 'Forward'));
  if (wanted) void offerAddress(sandbox, wanted);
}

async function offerAddress(sandbox: Sandbox, wanted: PortForward): Promise<void> {
  const told = `Port ${wanted.port} of ${message(sandbox.name)} is at localhost:${wanted.localPort}.`;
  const chosen = await vscode.window.showInformationMessage(told, open, copy);
  if (chosen === open) await openInBrowser(wanted);
  if (chosen === copy) await copyAddress(wanted);
}

/** Opens a port in the browser, of a service that has no URLs for it. */
export async function openForwarded(parts: Parts, sandbox: Sandbox): Promise<void> {
  const wanted = await askAndForward(parts, sandbox, 'Open');
  if (wanted) await openInBrowser(wanted);
}

async function askAndForward(parts: Parts, sandbox: Sandbox, verb: string): Promise<PortForward | undefined> {
  const title = `${verb} a Port of ${message(sandbox.name)}`;
  const prompt = 'The port in the sandbox. It is forwarded by SSH to this machine.';
  const answer = await askPort({ title, prompt });
  return answer && typeof answer === 'object' ? forward(parts, sandbox, answer.port) : undefined;
}

/** @throws ProviderError `conflict` when the sandbox does not run: a connection would wake it, or wait for ever */
async function forward(parts: Parts, { accountId, id }: Sandbox, port: number): Promise<PortForward> {
  const account = parts.fleet.account(accountId);
  await account.confirm(id);
  const sandbox = await account.demand(id, 'forwardPort');
  const forwarded = await parts.forwards.open(sandbox, port, (end) => start(parts, sandbox, port, end));
  await parts.view.revealForward(sandbox, forwarded);
  return forwarded;
}

async function start(parts: Parts, sandbox: Sandbox, port: number, end: AbortSignal): Promise<PortForward> {
  const host = await prepareHost(parts, sandbox);
  if (!host) throw new ProviderError('cancelled', 'Cancelled.');
  const integration = await parts.ssh.integration();
  const forwarding = withProgress(`Forwarding port ${port} of ${message(sandbox.name)}…`, (signal) =>
    integration.forward(host, port, AbortSignal.any([end, signal])),
  );
  return forwarding.catch((thrown: unknown) => {
    const {
      kind,
      message: reason,
      advice = 'Try again. The log has all that ssh said.',
    } = ProviderError.from(thrown);
    const told = `Port ${port} of ${sandbox.name} could not be forwarded: ${reason}`;
    throw new ProviderError(kind, told, { advice, cause: thrown });
  });
}

export async function openForward(_: Parts, argument: unknown): Promise<void> {
  const node = forwardOf(argument);
  if (node) await openInBrowser(node.forward);
}

export async function copyForward(_: Parts, argument: unknown): Promise<void> {
  const node = forwardOf(argument);
  if (node) await copyAddress(node.forward);
}

export function stopForward({ forwards }: Parts, argument: unknown): void {
  const node = forwardOf(argument);
  if (node) forwards.close(node.sandbox, node.forward.port);
}

type Place = Pick<PortForward, 'localPort'>;

const addressOf = ({ localPort }: Place): string => `localhost:${localPort}`;

const urlOf = (place: Place): vscode.Uri => vscode.Uri.parse(`http://${addressOf(place)}/`, true);

/** VS Code itself knows whether the browser is on this machine. */
async function openInBrowser(place: Place): Promise<void> {
  await vscode.env.openExternal(urlOf(place));
}

async function copyAddress(place: Place): Promise<void> {
  await copyText(await addressForUser(place));
}

/** What speaks at the port need not be HTTP, so a scheme is only copied where the address is another one. */
async function addressForUser(place: Place): Promise<string> {
  const address = addressOf(place);
  // In a window that is on another host than we are, VS Code would take `localhost` for that host.
  if (vscode.extensions.getExtension(extensionId)?.extensionKind !== vscode.ExtensionKind.Workspace) {
    return address;
  }
  const uri = await vscode.env.asExternalUri(urlOf(place));
  return uri.authority === address ? address : uri.toString(true);
}

/** Tells of ports that are not forwarded any more while their sandboxes run. */
export function tellOfBroken(parts: Parts): Disposable {
  return parts.forwards.onDidBreak((broken) => void offerAgain(parts, broken));
}

async function offerAgain(parts: Parts, { sandbox, port, reason }: BrokenForward): Promise<void> {
  const again = 'Forward Again';
  const log = 'Show Log';
  const told = message(`Port ${port} of ${sandbox.name} is not forwarded any more: ${reason}`);
  const chosen = await vscode.window.showWarningMessage(told, again, log);
  if (chosen === log) parts.log.show();
  if (chosen === again) await forwardAgain(parts, sandbox, port);
}

async function forwardAgain(parts: Parts, sandbox: Sandbox, port: number): Promise<void> {
  await forward(parts, sandbox, port).catch((thrown: unknown) =>
    showFailure(parts.log, thrown, () => void forwardAgain(parts, sandbox, port)),
  );
}

const forwardOf = (argument: unknown): ForwardNode | undefined =>
  isNode(argument) && argument.kind === 'forward' ? argument : undefined;
