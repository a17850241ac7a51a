// Kills a busy engine again and again, as often as said on the command line, and looks at what it leaves.
import { suites } from './suites.mts';

const defaultKills = '50';

process.env['ENGINE_KILLS'] = process.argv[2] ?? process.env['ENGINE_KILLS'] ?? defaultKills;
const { passed = 0, failed = 1 } = (await suites['contract']?.(['engine/crash'])) ?? {};
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
