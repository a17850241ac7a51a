/** Where Leap0 is. Source: leap0.md, "Account" and "Sandboxes". */
export const defaultAddresses = { baseUrl: 'https://api.leap0.dev', sandboxDomain: 'sandbox.leap0.dev' };
