import { hideHeader } from '../../common/redactor.ts';
import type { NetworkPolicy } from '../../sandboxes/networkPolicy.ts';
import type { NetworkPolicyWire } from './wire/requests.ts';

/** A network policy as Leap0 spells it (leap0-openapi.yaml, `NetworkPolicy`). */
export function networkPolicy(policy: NetworkPolicy | undefined): NetworkPolicyWire | undefined {
  if (policy?.mode !== 'custom') return policy;
  return {
    mode: policy.mode,
    allow_domains: policy.allowDomains?.slice(),
    allow_cidrs: policy.allowCidrs?.slice(),
    transforms: policy.transforms?.map(({ domain, injectHeaders, stripHeaders }) => ({
      domain,
      inject_headers: injectHeaders,
      strip_headers: stripHeaders?.slice(),
    })),
  };
}

/** Hides the values of the headers that a policy injects: they are credentials. */
export function hideHeaders(policy: NetworkPolicy | undefined, hide: (secret: string) => void): void {
  if (policy?.mode !== 'custom') return;
  for (const { injectHeaders = {} } of policy.transforms ?? []) {
    for (const value of Object.values(injectHeaders)) hideHeader(value, hide);
  }
}
