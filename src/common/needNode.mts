/**
 * Ends a program that is started with a Node.js that is too old for it. A program that people start by hand imports it
 * first: modules are loaded in the order in which they are imported.
 */

/** Has all that the bundles use; the latest of that is `URL.parse`. */
export const oldestNode = '22.1';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split('.').map(Number);
if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  console.error(
    `Sandbox Explorer: this program needs Node.js ${oldestNode} or newer, and ${process.execPath} is ${process.version}.`,
  );
  process.exit(1);
}
