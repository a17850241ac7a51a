/** Where Leap0 is. Source: leap0.md, "Account" and "Sandboxes". */
export const defaultAddresses = { baseUrl: 'https://api.leap0.dev', sandboxDomain: 'sandbox.leap0.dev' };

/** The headers in which Leap0 takes a key, with or without `Bearer ` before it. */
export const keyHeaders = ['Authorization', 'leap0-authorization'] as const;
