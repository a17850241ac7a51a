// Kills a busy engine again and again, as often as said on the command line, and looks at what it leaves.
import { runSuites } from './runSuites.mts';

const defaultKills = '50';

process.env['ENGINE_KILLS'] = process.argv[2] ?? process.env['ENGINE_KILLS'] ?? defaultKills;
process.exit(await runSuites([['contract']], { filters: ['engine/crash'], scope: 'both' }));
