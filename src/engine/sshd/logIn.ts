import type { Connection } from 'ssh2';
import type { AccessRecord } from './access.ts';
import type { Accesses } from './accesses.ts';

const maxTries = 3;
/** A client asks first what it may try. */
const maxRequests = 10;
const failureMs = 500;

/**
 * Asks for a user name and a password. What is wrong with them is not told, and how long it takes does not tell either.
 * @param outcome exactly one of its functions is called, unless the client leaves before
 */
export function logIn(
  client: Connection,
  accesses: Accesses,
  outcome: { welcome(access: AccessRecord): void; refuse(): void },
): void {
  let requests = 0;
  let tries = 0;
  let answer: NodeJS.Timeout | undefined;
  client.on('authentication', (attempt) => {
    requests += 1;
    if (requests > maxRequests) {
      outcome.refuse();
      return;
    }
    if (attempt.method !== 'password') {
      attempt.reject(['password']);
      return;
    }
    const access = accesses.authenticate(attempt.username, attempt.password);
    if (access) {
      client.once('ready', () => outcome.welcome(access));
      attempt.accept();
      return;
    }
    tries += 1;
    const refuse = () => (tries < maxTries ? attempt.reject(['password']) : outcome.refuse());
    answer = setTimeout(refuse, failureMs);
  });
  client.once('close', () => clearTimeout(answer));
}
