import type { FindEndpoint } from '../../net/endpoint.ts';
import {
  checkKeyHeader,
  checkKeyText,
  checkSandboxDomain,
  checkServiceUrl,
} from '../../sandboxes/accountInput.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { KnownIds } from '../../sandboxes/knownIds.ts';
import { defaultAddresses, keyHeaders } from './addresses.ts';
import { leap0Http, type Leap0Options } from './api.ts';
import { Leap0Cloud } from './cloud.ts';
import { findDialect, type KeptRevision } from './revision.ts';
import { limits } from './wire/limits.ts';

export interface Leap0AccountOptions extends Pick<
  Leap0Options,
  'log' | 'network' | 'timeouts' | 'hide' | 'environment'
> {
  /** `https://api.leap0.dev` where it is missing. */
  readonly baseUrl?: string | undefined;
  /** `sandbox.leap0.dev` where it is missing. */
  readonly sandboxDomain?: string | undefined;
  /** The header in which the key is sent; `Authorization` where it is missing. */
  readonly authHeader?: string | undefined;
  /** Whether `Bearer ` stands before the key; it does where this is missing. */
  readonly bearer?: boolean | undefined;
  /** The account's key, asked for at every call, since it may be replaced. */
  readonly key: () => Promise<string | undefined>;
  readonly revision: KeptRevision;
  readonly knownIds: KnownIds;
  /** Ends the opening of the account; nobody needs it after that. */
  readonly signal?: AbortSignal | undefined;
}

const systemTemplates = [
  limits.templateName.default,
  'system/code-interpreter:v0.1.0',
  'system/desktop:v0.1.0',
];

/**
 * Opens a Leap0 account. What it has depends on the revision of the API that its service speaks.
 * @throws ProviderError `invalid` when an address or the header of the key is wrong, else when the service cannot be
 * asked for its revision
 */
export async function openLeap0(options: Leap0AccountOptions): Promise<Leap0Cloud> {
  const { baseUrl, sandboxDomain } = addressesOf(options);
  const header = keyHeaderOf(options);
  const prefix = options.bearer === false ? '' : 'Bearer ';
  const endpoint: FindEndpoint = async () => ({
    origin: baseUrl,
    headers: { [header]: `${prefix}${await readKey(options)}` },
  });
  const { revision, signal } = options;
  const dialect = await findDialect(revision, () => leap0Http({ ...options, endpoint }), signal);
  return new Leap0Cloud({
    ...options,
    dialect,
    endpoint,
    baseUrl,
    sandboxDomain,
    ssh: { service: new URL(baseUrl).href },
    templates: systemTemplates,
    templateName: limits.templateName,
    timeoutMinutes: limits.timeoutSeconds.default / 60,
    // Unlike Leap0's own default, which deletes: what was paused can be had back.
    autoPause: true,
    networkLimits: {
      custom: {
        allowDomains: limits.allowDomains,
        allowCidrs: limits.allowCidrs,
        transforms: limits.transforms,
      },
    },
  });
}

function addressesOf(options: Pick<Leap0AccountOptions, 'baseUrl' | 'sandboxDomain'>) {
  const baseUrl = options.baseUrl?.trim() || defaultAddresses.baseUrl;
  const sandboxDomain = options.sandboxDomain?.trim() || defaultAddresses.sandboxDomain;
  const errors = { baseUrl: checkServiceUrl(baseUrl), sandboxDomain: checkSandboxDomain(sandboxDomain) };
  const fields = Object.entries(errors).flatMap(([field, error]) => (error ? [{ field, error }] : []));
  if (fields.length > 0) throw new ProviderError('invalid', 'The account has a wrong address.', { fields });
  return { baseUrl: new URL(baseUrl).origin, sandboxDomain };
}

function keyHeaderOf({ authHeader }: Pick<Leap0AccountOptions, 'authHeader'>): string {
  const header = authHeader?.trim() || keyHeaders[0];
  const error = checkKeyHeader(header);
  if (!error) return header;
  throw new ProviderError('invalid', "The account's key cannot be sent.", {
    fields: [{ field: 'authHeader', error }],
  });
}

async function readKey({ key, hide }: Pick<Leap0AccountOptions, 'key' | 'hide'>): Promise<string> {
  const text = (await key())?.trim();
  if (!text) throw new ProviderError('unauthorized', 'The account has no API key.');
  hide(text);
  const error = checkKeyText(text);
  if (error) throw new ProviderError('unauthorized', `The account's API key cannot be right. ${error}`);
  return text;
}
