import { isVariableName } from '../common/shell.ts';

/** A folder in a sandbox; every service runs Linux in them. */
export const isFolder = (text: string): boolean => text.startsWith('/') && !text.includes('\0');

/** What is wrong with a folder that was typed; nothing when it is right, or empty for the service's own choice. */
export function checkFolder(text: string): string | undefined {
  const folder = text.trim();
  return folder === '' || isFolder(folder) ? undefined : 'Type an absolute path, such as /home/user/project.';
}

/** A path that is also a word of a line that a shell reads: nothing may stand in it that could mean more there. */
export const isShell = (path: string): boolean => /^\/[A-Za-z0-9._/+-]*[A-Za-z0-9._+-]$/.test(path);

/** What is wrong with the path of a shell that was typed; nothing when it is right. */
export function checkShell(text: string): string | undefined {
  return isShell(text.trim())
    ? undefined
    : 'Type the absolute path of a shell, such as /bin/bash: letters, digits and . _ + - / only.';
}

/** What is wrong with a variable that was typed as `NAME=value`; nothing when it is right, or empty for no more. */
export function checkVariable(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  const name = /^\s*([^=]*)=/.exec(text)?.[1];
  if (name === undefined) return 'Type NAME=value.';
  if (!isVariableName(name)) return 'A name has letters, digits and _, and begins with no digit.';
  return text.includes('\0') ? 'A value cannot hold a NUL.' : undefined;
}

/** Splits a variable that `checkVariable` found right; what follows the `=` is the value as it is. */
export function parseVariable(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return [text.slice(0, equals).trim(), text.slice(equals + 1)];
}

/**
 * What is wrong with the ID of a new session that was typed; nothing when it is right, or empty for the service's own
 * choice.
 * @param maxLength in characters
 * @param taken the IDs of the sandbox's sessions
 */
export function checkSessionId(
  text: string,
  maxLength: number,
  taken: ReadonlySet<string>,
): string | undefined {
  const id = text.trim();
  if (id === '') return undefined;
  if (id.length > maxLength) return `An ID has at most ${maxLength} characters.`;
  // What fits into one segment of a path, and is no `.` or `..`.
  if (!/^\w[\w.-]*$/.test(id)) {
    return 'An ID begins with a letter, a digit or _, and holds only those and the characters . and -';
  }
  return taken.has(id) ? `There is a session ${id} already.` : undefined;
}
