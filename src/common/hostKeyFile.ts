/** The name of the file with the engine's own SSH key in its data folder: it is known by it before it has shown it. */
export const hostKeyFile = 'ssh_host_ed25519_key';
