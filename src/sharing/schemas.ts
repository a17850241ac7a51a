/**
 * What the windows of an installation write for each other. A file of which anything is not understood counts as not
 * written. Only what is named here is taken in, so nothing else gets around by these files.
 */
import * as v from 'valibot';
import type { AccountSettings } from '../sandboxes/account.ts';
import type { NamesData } from '../sandboxes/names.ts';
import type { Fact, List, NewsSince, Removal } from '../sandboxes/news.ts';
import type { SandboxRecord, SandboxState } from '../sandboxes/sandbox.ts';
import type { AccountData, AccountsData } from '../sandboxes/sharing.ts';

const states: Readonly<Record<SandboxState, true>> = {
  starting: true,
  running: true,
  pausing: true,
  paused: true,
  resuming: true,
  stopping: true,
  stopped: true,
  snapshotting: true,
  deleting: true,
  unknown: true,
};
const state = v.picklist(Object.keys(states) as SandboxState[]);

/** Clocks count on from the moments they hear of, so one must leave room for those after it. */
const moment = v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 50));
const id = v.pipe(v.string(), v.minLength(1));
const optionalNumber = v.optional(v.number());
const optionalText = v.optional(v.string());

type Fields = { readonly [Field in keyof SandboxRecord]-?: v.GenericSchema<unknown, SandboxRecord[Field]> };

const record: v.GenericSchema<unknown, SandboxRecord> = v.pipe(
  v.object({
    id,
    state,
    createdAt: optionalNumber,
    template: optionalText,
    templateId: optionalText,
    vcpu: optionalNumber,
    memoryMib: optionalNumber,
    diskMib: optionalNumber,
    endsAt: optionalNumber,
    timeoutSeconds: optionalNumber,
    autoPause: v.optional(v.boolean()),
    network: optionalText,
    warnings: v.optional(v.array(v.string())),
  } satisfies Fields),
  v.transform(({ createdAt, ...others }) => ({ ...others, createdAt })),
);

const fact: v.GenericSchema<unknown, Fact> = v.object({
  record,
  trueAt: moment,
  detailedIn: v.optional(state),
});
const removal: v.GenericSchema<unknown, Removal> = v.object({ id, removedAt: moment });

export const list: v.GenericSchema<unknown, List> = v.object({
  askedAt: moment,
  listedAt: v.number(),
  facts: v.array(fact),
});

export const news: v.GenericSchema<unknown, NewsSince> = v.object({
  listAskedAt: moment,
  refusedAt: v.optional(moment),
  facts: v.array(fact),
  removals: v.array(removal),
});

const account: v.GenericSchema<unknown, AccountSettings> = v.object({
  id,
  name: v.string(),
  provider: v.string(),
  baseUrl: optionalText,
  sandboxDomain: optionalText,
  authHeader: optionalText,
  bearer: v.optional(v.boolean()),
  requestTimeout: optionalNumber,
});

export const accounts: v.GenericSchema<unknown, AccountsData> = v.object({
  accounts: v.array(account),
  changedAt: moment,
});

export const accountData: v.GenericSchema<unknown, AccountData> = v.object({
  revision: optionalText,
  revisionOf: optionalText,
  knownIds: v.array(id),
  otherIds: v.optional(v.record(v.string(), v.array(id))),
});

const kept = v.record(
  v.string(),
  v.object({ value: v.string(), since: v.number(), absentSince: optionalNumber }),
);

export const names: v.GenericSchema<unknown, NamesData> = v.object({ labels: kept, keys: kept });
