/**
 * The entry of the network bundle, which is loaded at the first call: everything that needs undici, ws or a schema
 * is reached through here.
 */
export { openLeap0 } from './leap0/open.ts';
export { openLocal } from './local/open.ts';
export { readVariables } from '../sandboxes/envInput.ts';
export { openSharing } from '../sharing/folder.ts';
export { SshIntegration } from '../ssh/integration.ts';
export { renewAccess } from '../ssh/renewal/renewAccess.ts';
