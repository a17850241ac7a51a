import { checkSnapshotName } from '../../sandboxes/createInput.ts';
import { freeName } from '../../sandboxes/creation.ts';
import type { NetworkLimits, NetworkPolicy } from '../../sandboxes/networkPolicy.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { RestoreRequest } from '../../sandboxes/snapshots.ts';
import { askNetwork } from '../create/network.ts';
import { chooseTimeout } from '../create/numbers.ts';
import { askAutoPause } from '../create/options.ts';
import { isNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { askInTurn, back, choose, keep, type, type Answer, type Choice, type Place } from '../wizard.ts';
import { accountOf } from './accounts.ts';
import { checkLabel } from './identity.ts';
import { makeSandbox } from './making.ts';
import { pickSnapshot } from './snapshots.ts';

/** The name of a snapshot, in its account. */
interface Source {
  readonly accountId: string;
  readonly snapshot: string;
}

/** Makes a new sandbox of a snapshot. */
export async function restoreSnapshot(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  const source = await sourceOf(parts, argument);
  const answers = source && (await askForRestore(parts, source));
  if (!answers) return undefined;
  const { accountId, snapshot } = source;
  const { name, ...request } = answers;
  return makeSandbox(parts, { accountId, origin: { name: snapshot, ...request }, name });
}

/** That of the row, or the one that the user picks, or names where the service has no list to pick from. */
async function sourceOf(parts: Parts, argument: unknown): Promise<Source | undefined> {
  if (isNode(argument) && argument.kind === 'snapshot') {
    return { accountId: argument.accountId, snapshot: argument.snapshot.name };
  }
  const view = await accountOf(parts, 'restoreSnapshot', argument);
  if (!view) return undefined;
  const { id: accountId, name } = view.account;
  const { list, maxNameLength } = await parts.fleet.account(accountId).snapshots();
  const snapshot = list ? (await pickSnapshot(parts, view))?.name : await typeName(name, maxNameLength);
  return snapshot === undefined ? undefined : { accountId, snapshot };
}

async function typeName(account: string, maxLength: number): Promise<string | undefined> {
  const step = {
    title: 'Restore Snapshot',
    placeholder: 'Name of the snapshot',
    prompt: `The name that the snapshot was given. ${message(account)} has no list of them.`,
  };
  const typed = await type(step, '', (text) => checkSnapshotName(text, maxLength));
  return typeof typed === 'string' ? typed.trim() : undefined;
}

interface Answers extends Omit<RestoreRequest, 'name'> {
  /** Of the new sandbox. */
  readonly name: string;
}

async function askForRestore(parts: Parts, { accountId, snapshot }: Source): Promise<Answers | undefined> {
  const account = parts.fleet.account(accountId);
  const { createLimits: limits } = await account.provider();
  const { network } = limits;
  const title = `Restore ${message(snapshot)}`;
  const totalSteps = network ? 4 : 3;
  const place = (step: number) => ({ title, step, totalSteps });
  const free = await freeName(account, snapshot);
  const defaults: Answers = {
    timeoutMinutes: limits.timeoutMinutes.default,
    autoPause: limits.autoPause,
    name: free,
  };
  return askInTurn<Answers>(defaults, [
    async ({ timeoutMinutes }) =>
      keep(
        await chooseTimeout(limits, timeoutMinutes, {
          ...place(1),
          placeholder: 'Choose how long it may run',
        }),
        (minutes) => ({ timeoutMinutes: minutes }),
      ),
    async ({ autoPause }) => keep(await askAutoPause(place(2), autoPause), (value) => ({ autoPause: value })),
    ...(network ? [({ network: known }: Answers) => askPolicy(place(3), network, known)] : []),
    async ({ name }) => {
      const prompt = 'A name of your own for the new sandbox, kept in this editor.';
      const typed = await type({ ...place(totalSteps), placeholder: free, prompt }, name, checkLabel);
      return keep(typed, (text) => ({ name: text.trim() || free }));
    },
  ]);
}

/** Most want the network that the snapshot has. */
async function askPolicy(
  place: Place,
  limits: NetworkLimits,
  known: NetworkPolicy | undefined,
): Promise<Answer<Partial<Answers>>> {
  const choices: Choice<'same' | 'other'>[] = [
    { label: "The snapshot's own network", value: 'same' },
    { label: 'Another network…', value: 'other' },
  ];
  for (;;) {
    const step = { ...place, placeholder: 'Choose what the sandbox may reach' };
    const chosen = await choose(step, choices, choices[known ? 1 : 0]);
    if (chosen === undefined || chosen === back) return chosen;
    if (chosen === 'same') return { network: undefined };
    const network = await askNetwork(place, limits, known);
    if (network !== back) return network && { network };
  }
}
