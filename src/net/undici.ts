/**
 * The parts of undici that we use. Its own entry brings fetch, caches and mocks along, a third of the bundle; it
 * also is what gives a dispatcher its methods, so that is done here.
 */
import methods from 'undici/lib/api/index.js';
import errors from 'undici/lib/core/errors.js';
import Client from 'undici/lib/dispatcher/client.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';

Object.assign(Dispatcher.prototype, methods);

export { Client, errors };
export type { Dispatcher } from 'undici';
