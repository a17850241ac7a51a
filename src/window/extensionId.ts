/** By which VS Code knows this extension. */
export const extensionId = 'sandbox-explorer.sandbox-explorer';
