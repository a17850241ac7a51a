import type { Leap0Options } from '../leap0/api.ts';
import { revisionA } from '../leap0/revisionA.ts';
import { revisionB } from '../leap0/revisionB.ts';
import { limits } from '../leap0/wire/limits.ts';
import { engineEndpoint } from './connection.ts';
import type { EngineOptions } from './engineProcess.ts';
import { LocalProvider } from './provider.ts';

type LocalOptions = EngineOptions & Pick<Leap0Options, 'timeouts' | 'network'>;

/** The engine keeps one set of SSH credentials for each sandbox, and knows it by revision A's words, too. */
const dialect = { ...revisionB, ssh: { ...revisionB.ssh, anySet: revisionA.ssh.anySet } };

/** Opens the account of this machine's own engine. */
export function openLocal(options: LocalOptions): LocalProvider {
  return new LocalProvider({
    ...options,
    dialect,
    endpoint: engineEndpoint(options),
    networkLimits: {},
    templates: [limits.templateName.default],
    // A sandbox on one's own machine costs nothing, so it may stay as long as the protocol lets it.
    timeoutMinutes: limits.timeoutMinutes.max,
    // … and it is not lost when that is over.
    autoPause: true,
    ssh: { expiredMakesRoom: true },
  });
}
