import * as v from 'valibot';

/**
 * What ssh-proxy and a window say to each other, in this order. Both prove with every word but the first that they
 * know the secret; the window does so first. The credentials themselves go by way of the host's file.
 */

/** Raised when an older window, or an older ssh-proxy, would not understand any more. */
const protocol = 1;

const nonce = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));
const proof = nonce;

/** ssh-proxy opens. */
export const hello = v.object({ protocol: v.literal(protocol), nonce });
export const greet = (own: string): v.InferOutput<typeof hello> => ({ protocol, nonce: own });

/** The window shows that it is one. */
export const welcome = v.object({ nonce, proof });

/** ssh-proxy asks for fresh credentials in the place of those that it found wanting. */
export const demand = v.object({ host: v.string(), seen: v.string(), proof });

/** The window has written them, or says why not; `error` is for a person. */
export const answer = v.object({ error: v.nullable(v.string()), proof });
