// Forwards a port for as long as it lives: what a window does, in a process that can be killed.
import { forwardPort } from '../../../src/ssh/forward.ts';

const [, , config = '', host = '', port] = process.argv;
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
console.log((await forwardPort({ config, host, port: Number(port), log })).localPort);
