/** Calls that change which files there are, and whose, without looking into them. */
import { flag, type Helper } from './helper.ts';

const mkdirScript = `
if [ -n "$2" ]; then m=$(mkdir -p -m "$3" -- "$1" 2>&1); else m=$(mkdir -m "$3" -- "$1" 2>&1); fi ||
  blame path "$m"
`;

/**
 * Makes a folder; with `recursive` also the ones above it, and one that is there already is fine.
 * @param mode octal
 * @throws FileError
 */
export async function makeFolder(
  helper: Helper,
  path: string,
  recursive: boolean,
  mode: string,
): Promise<void> {
  await helper(mkdirScript, [path, flag(recursive), mode]);
}

const removeScript = `
present path "$1"
if is_folder "$1"; then
  if [ -n "$2" ]; then m=$(rm -rf -- "$1" 2>&1); else m=$(rmdir -- "$1" 2>&1); fi
else m=$(rm -f -- "$1" 2>&1)
fi || blame path "$m"
`;

/**
 * Removes a file, or an empty folder; with `recursive` a folder with what is in it.
 * @throws FileError
 */
export async function remove(helper: Helper, path: string, recursive: boolean): Promise<void> {
  await helper(removeScript, [path, flag(recursive)]);
}

const permissionsScript = `
found path "$1"
stranger='is unknown in the sandbox, or may own nothing there'
[ -z "$3" ] || chown -- "$3" "$1" 2>/dev/null || refuse owner "$stranger"
[ -z "$4" ] || chgrp -- "$4" "$1" 2>/dev/null || refuse group "$stranger"
[ -z "$2" ] || m=$(chmod -- "$2" "$1" 2>&1) || blame path "$m"
`;

/** @throws FileError */
export async function setPermissions(
  helper: Helper,
  path: string,
  to: {
    mode?: string | null | undefined;
    owner?: string | null | undefined;
    group?: string | null | undefined;
  },
): Promise<void> {
  const parameters = [path, to.mode ?? '', to.owner ?? '', to.group ?? ''];
  await helper(permissionsScript, parameters);
}

const existsScript = `
exists "$1" && printf yes
:
`;

/** Whether there is something, be it a link that leads nowhere. */
export async function exists(helper: Helper, path: string): Promise<boolean> {
  return (await helper(existsScript, [path])).length > 0;
}
