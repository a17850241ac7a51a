/** What is kept of an SSH access on disk, and how it is answered. */
import { createHash, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { engineCommand } from '../../common/engineSsh.ts';
import { rfc3339 } from '../sandbox/record.ts';

export const accessRecord = v.object({
  /** The user name. */
  id: v.pipe(v.string(), v.regex(/^ssh-[a-z2-7]{12}$/)),
  sandboxId: v.string(),
  /**
   * SHA-256 of the password, in hexadecimal. The password is 256 random bits, which nobody can try through: a slow hash
   * with a salt would protect nothing more.
   */
  passwordHash: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/)),
  /** Moments are in milliseconds since 1970. */
  createdAt: v.number(),
  updatedAt: v.number(),
  expiresAt: v.number(),
});
export type AccessRecord = v.InferOutput<typeof accessRecord>;

export const hashOf = (password: string) => createHash('sha256').update(password).digest('hex');

/**
 * Whether this is its password, in a time that tells nothing: not even whether there is such an access.
 * @param access undefined where there is none
 */
export function opens(access: AccessRecord | undefined, password: string, now: number): boolean {
  const expected = access?.passwordHash ?? hashOf('');
  const matches = timingSafeEqual(Buffer.from(hashOf(password)), Buffer.from(expected));
  return matches && access !== undefined && now < access.expiresAt;
}

/** Schemas `SshCreateAccessDto` and `SshAccessDto`. The password is told in no other answer. */
export function accessAnswer(
  access: AccessRecord,
  password: string,
  address: { host: string; port: number },
): Record<string, unknown> {
  return {
    id: access.id,
    sandbox_id: access.sandboxId,
    password,
    expires_at: rfc3339(access.expiresAt),
    created_at: rfc3339(access.createdAt),
    updated_at: rfc3339(access.updatedAt),
    ssh_command: engineCommand(access.id, address.host, address.port),
  };
}
