import { isIP } from 'node:net';
import { isNetwork } from '../common/address.ts';
import type { FieldError } from './errors.ts';
import type { CustomPolicy, HeaderTransform, NetworkLimits, NetworkPolicy } from './networkPolicy.ts';

/** The entries of a list that was typed: they are divided by commas, blanks or new lines, and each counts once. */
export const splitList = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/** One label of a DNS name (RFC 1123, section 2.1). */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const maxNameLength = 253;

/** Whether this is the DNS name of a host: letters, digits, hyphens and dots. */
export function isHostName(name: string): boolean {
  return name.length <= maxNameLength && !isIP(name) && name.split('.').every((part) => label.test(part));
}

/** What is wrong with a domain that was typed; nothing when it is right. */
export function checkDomain(domain: string): string | undefined {
  const name = domain.replace(/^\*\./, '');
  const isRight = isHostName(name) && name.includes('.');
  return isRight ? undefined : `${quoted(domain)} is no domain such as api.example.com or *.example.com.`;
}

/** What is wrong with a network that was typed; nothing when it is right. */
export function checkCidr(cidr: string): string | undefined {
  return isNetwork(cidr) ? undefined : `${quoted(cidr)} is no network such as 10.0.0.0/24 or fd00::/8.`;
}

/** What is wrong with a header's name (RFC 9110, section 5.1); nothing when it is right. */
export function checkHeaderName(name: string): string | undefined {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? undefined : `${quoted(name)} is no name of a header.`;
}

/** What is wrong with a header's value (RFC 9110, section 5.5), which is a secret; nothing when it is right. */
export function checkHeaderValue(value: string): string | undefined {
  const isRight = /^[\t\x20-\x7e]+$/.test(value) && value.trim() === value;
  return isRight ? undefined : 'A value is one line of ASCII characters, without blanks around it.';
}

/** What of a policy is not possible, each field with the reason; the fields' names begin with `network`. */
export function checkNetwork(policy: NetworkPolicy, limits: NetworkLimits | undefined): FieldError[] {
  if (!limits) return [{ field: 'network', error: 'It cannot be chosen here.' }];
  if (policy.mode !== 'custom') return [];
  if (!limits.custom) {
    return [{ field: 'network.mode', error: 'Only allow-all and deny-all are possible here.' }];
  }
  return checkCustom(policy, limits.custom);
}

function checkCustom(policy: CustomPolicy, most: Required<NetworkLimits>['custom']): FieldError[] {
  const { allowDomains = [], allowCidrs = [], transforms = [] } = policy;
  return [
    ...named('network.allowDomains', [
      tooMany(allowDomains, most.allowDomains),
      ...allowDomains.map(checkDomain),
    ]),
    ...named('network.allowCidrs', [tooMany(allowCidrs, most.allowCidrs), ...allowCidrs.map(checkCidr)]),
    ...named('network.transforms', [tooMany(transforms, most.transforms)]),
    ...transforms.flatMap((transform, index) => checkTransform(transform, `network.transforms[${index}]`)),
  ];
}

function checkTransform(
  { domain, injectHeaders = {}, stripHeaders = [] }: HeaderTransform,
  field: string,
): FieldError[] {
  const injected = Object.entries(injectHeaders);
  const nothing =
    injected.length + stripHeaders.length === 0 ? 'Name a header to set or to take out.' : undefined;
  return [
    ...named(`${field}.domain`, [checkDomain(domain)]),
    ...named(field, [nothing]),
    ...injected.flatMap(([name, value]) =>
      named(`${field}.injectHeaders`, [checkHeaderName(name) ?? prefixed(name, checkHeaderValue(value))]),
    ),
    ...named(`${field}.stripHeaders`, stripHeaders.map(checkHeaderName)),
  ];
}

function tooMany(list: readonly unknown[], most: number): string | undefined {
  return list.length > most ? `There are ${list.length}, and there may be ${most}.` : undefined;
}

const named = (field: string, errors: readonly (string | undefined)[]): FieldError[] =>
  errors.flatMap((error) => (error ? [{ field, error }] : []));

const prefixed = (name: string, error: string | undefined) => error && `${name}: ${error}`;

const quoted = (text: string) => JSON.stringify(text);
