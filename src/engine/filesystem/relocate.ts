/** Calls that move and copy. */
import { flag, type Helper } from './helper.ts';

/**
 * `destination PATH` names the place in `$to` by a way that does not lead through what is there: that goes aside, and
 * must come back.
 */
const destination = `
destination() {
  to=$(realpath -- "\${1%/*}/" 2>&1 && printf x) || blame dst_path "$to"
  to=\${to%??}/\${1##*/}
}
`;

/**
 * `put FROM TO` moves something to a place that is free or may be overwritten. Where a folder is involved, what was
 * there goes aside first, and comes back when the move fails.
 */
const put = `
put() {
  if exists "$2" && { is_folder "$1" || is_folder "$2"; }; then
    aside=$(mktemp -d -- "\${2%/*}/.replacing.XXXXXXXX" 2>&1) || blame dst_path "$aside"
    m=$(mv -T -- "$2" "$aside/old" 2>&1) || { rmdir -- "$aside"; blame dst_path "$m"; }
    if m=$(mv -T -- "$1" "$2" 2>&1); then rm -rf -- "$aside"
    else mv -T -- "$aside/old" "$2"; rmdir -- "$aside"; blame dst_path "$m"
    fi
  else
    m=$(mv -fT -- "$1" "$2" 2>&1) || blame dst_path "$m"
  fi
}
free() { [ -n "$2" ] || ! exists "$1" || refuse dst_path 'already exists'; }
`;

/**
 * `duplicate OPTIONS FROM TO` makes a copy beside where it shall go, at `$work/new`. Until it is put there nothing has
 * changed.
 */
const duplicate = `
duplicate() {
  work=$(mktemp -d -- "\${3%/*}/.copying.XXXXXXXX" 2>&1) || blame dst_path "$work"
  trap 'rm -rf -- "$work"' EXIT
  m=$(cp "$1" -- "$2" "$work/new" 2>&1) || blame src_path "$m"
}
`;

/** `outside FOLDER PATH` refuses to replace a folder by what is in it; the path is one without links. */
const outside = `
outside() {
  above=$2
  while above=\${above%/*} && [ -n "$above" ]; do
    [ ! "$above" -ef "$1" ] || refuse dst_path 'holds what shall take its place'
  done
}
`;

const moveScript = `${destination}${put}${duplicate}${outside}
present src_path "$1"
free "$2" "$3"
[ "$1" != "$2" ] || exit 0
destination "$1"
! is_folder "$2" || outside "$2" "$to"
destination "$2"
if [ "$(stat -c %d -- "$1")" = "$(stat -c %d -- "\${to%/*}/" 2>/dev/null)" ]; then put "$1" "$to"
else
  duplicate -aT "$1" "$to"
  put "$work/new" "$to"
  m=$(rm -rf -- "$1" 2>&1) || blame src_path "$m"
fi
`;

/**
 * Moves a file, a link or a folder.
 * @throws FileError, also when there is something at `to` and it may not be overwritten
 */
export async function move(helper: Helper, from: string, to: string, overwrite: boolean): Promise<void> {
  await helper(moveScript, [from, to, flag(overwrite)]);
}

const copyScript = `${destination}${put}${duplicate}${outside}
found src_path "$1"
[ -n "$4" ] || [ ! -d "$1" ] || refuse src_path 'is a directory; set recursive to copy it'
free "$2" "$3"
from=$(realpath -- "$1" 2>&1) || blame src_path "$from"
! is_folder "$2" || outside "$2" "$from"
destination "$2"
duplicate -aHT "$1" "$to"
put "$work/new" "$to"
`;

/**
 * Copies a file, or with `recursive` a folder, with modes and times. A link at `from` is followed, those below are
 * copied. What is at `to` stays as it was until the copy is whole.
 * @throws FileError, also when there is something at `to` and it may not be overwritten
 */
export async function copy(
  helper: Helper,
  from: string,
  to: string,
  options: { recursive: boolean; overwrite: boolean },
): Promise<void> {
  const parameters = [from, to, flag(options.overwrite), flag(options.recursive)];
  await helper(copyScript, parameters);
}
