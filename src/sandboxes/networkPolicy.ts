/** What a sandbox may reach; all that is not allowed is blocked. */
export type NetworkPolicy = { readonly mode: 'allow-all' | 'deny-all' } | CustomPolicy;

export interface CustomPolicy {
  readonly mode: 'custom';
  /** Such as `api.example.com` or `*.example.com`. */
  readonly allowDomains?: readonly string[] | undefined;
  /** Networks of addresses, such as `10.0.0.0/24`. */
  readonly allowCidrs?: readonly string[] | undefined;
  readonly transforms?: readonly HeaderTransform[] | undefined;
}

/** What is changed in the requests to a domain on their way out, so that a sandbox need not hold a credential. */
export interface HeaderTransform {
  readonly domain: string;
  /** Values by header. They are secrets. */
  readonly injectHeaders?: Readonly<Record<string, string>> | undefined;
  readonly stripHeaders?: readonly string[] | undefined;
}

/** What a policy may ask for beside everything or nothing. */
export interface NetworkLimits {
  /** How many there may be of each; missing where there is no mode `custom`. */
  readonly custom?: {
    readonly allowDomains: number;
    readonly allowCidrs: number;
    readonly transforms: number;
  };
}

/** The same policy without the headers that are set, whose values are secrets. */
export function withoutSecrets(policy: NetworkPolicy): NetworkPolicy {
  if (policy.mode !== 'custom') return policy;
  const { transforms = [], ...others } = policy;
  const kept = transforms.flatMap(({ domain, stripHeaders = [] }) =>
    stripHeaders.length > 0 ? [{ domain, stripHeaders }] : [],
  );
  return { ...others, ...(kept.length > 0 && { transforms: kept }) };
}

/** Whether two names mean the same header: letter case does not matter (RFC 9110, section 5.1). */
export const isSameHeader = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();

/** The same headers with another one, which takes the place of one of the same name. */
export function withHeader(
  headers: Readonly<Record<string, string>>,
  name: string,
  value: string,
): Readonly<Record<string, string>> {
  const others = Object.entries(headers).filter(([known]) => !isSameHeader(known, name));
  return Object.fromEntries([...others, [name, value]]);
}
