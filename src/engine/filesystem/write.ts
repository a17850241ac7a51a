import { limits } from '../../providers/leap0/wire/limits.ts';
import type { FileEdit } from '../../providers/leap0/wire/requests.ts';
import { FileError } from './fileError.ts';
import type { Helper } from './helper.ts';
import { readFile } from './read.ts';

/**
 * Puts its input, `$2` bytes, beside the file `$1`, or beside what that leads to. The engine may end while it sends:
 * then the file stays as it was.
 */
const receive = `
target=$1
if [ -L "$1" ]; then
  target=$(realpath -- "$1" 2>&1 && printf x) || blame path "$target"
  target=\${target%??}
fi
[ ! -d "$target" ] || refuse path 'is a directory'
if exists "$target"; then
  [ -f "$target" ] || refuse path 'is not a regular file'
  [ -w "$target" ] || refuse path 'permission denied'
fi
m=$(mkdir -p -- "\${target%/*}/" 2>&1) || blame path "$m"
temporary=$(mktemp -- "\${target%/*}/.writing.XXXXXXXX" 2>&1) || blame path "$temporary"
trap 'rm -f -- "$temporary"' EXIT
m=$( { cat > "$temporary"; } 2>&1) || blame path "$m"
[ "$(stat -c %s -- "$temporary")" = "$2" ] || refuse path 'did not arrive whole'
`;

/** Puts it in the place of the file, with the mode `$3`, or the file's own. */
const replace = `
if [ -n "$3" ]; then m=$(chmod -- "$3" "$temporary" 2>&1)
elif [ -e "$target" ]; then m=$(chmod --reference="$target" -- "$temporary" 2>&1)
else m=$(chmod -- 644 "$temporary" 2>&1)
fi || blame path "$m"
m=$(mv -fT -- "$temporary" "$target" 2>&1) || blame path "$m"
`;

/** An edited file is most often a few lines away from what it was; of a longer difference the beginning is told. */
const maxDiffBytes = 1024 * 1024;

const needDiff = `
command -v diff >/dev/null || { echo 'diff is not installed on this machine' >&2; exit 1; }
`;

const difference = `
diff -a -u --label "$1" --label "$1" -- "$target" "$temporary" | head -c ${maxDiffBytes}
`;

/**
 * Writes a whole file, in one step, and makes the folders that it needs. A link is followed.
 * @param mode octal; by default the mode that the file has, or 644
 * @throws FileError
 */
export async function writeFile(
  helper: Helper,
  path: string,
  content: Buffer,
  mode: string | undefined,
): Promise<void> {
  await helper(receive + replace, [path, String(content.length), mode ?? ''], { input: content });
}

/**
 * Replaces every occurrence of each text in a file, one edit after the other.
 * @returns the difference in the unified format, and how many occurrences were replaced; with none the file stays as
 *   it was
 * @throws FileError
 */
export async function editFile(
  helper: Helper,
  path: string,
  edits: FileEdit[],
): Promise<{ diff: string; replacements: number }> {
  const before = await readFile(helper, { path });
  const { content, replacements } = applyEdits(before, edits);
  if (replacements === 0) return { diff: '', replacements };
  const diff = await helper(needDiff + receive + difference + replace, [path, String(content.length), ''], {
    input: content,
  });
  return { diff: diff.toString('utf8'), replacements };
}

/** Works on bytes, so that a file need not be valid UTF-8. @throws FileError when it would become too large */
export function applyEdits(before: Buffer, edits: FileEdit[]): { content: Buffer; replacements: number } {
  let text = before.toString('latin1');
  let replacements = 0;
  for (const { find, replace: replacement } of edits) {
    const parts = text.split(asBytes(find));
    const added = asBytes(replacement ?? '');
    const size = text.length + (parts.length - 1) * (added.length - asBytes(find).length);
    if (size > limits.bodyBytes) throw new FileError('path', 'would become larger than 10 MiB');
    text = parts.join(added);
    replacements += parts.length - 1;
  }
  return { content: Buffer.from(text, 'latin1'), replacements };
}

/** A string with a character for each byte. */
const asBytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
