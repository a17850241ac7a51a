import { HttpError } from '../http/httpError.ts';
import type { GrepRequest } from '../../providers/leap0/wire/requests.ts';
import { below, enterFolder, findArguments, inOrder, matching } from './find.ts';
import type { Helper } from './helper.ts';

/** Schema `SearchMatch` of leap0-openapi.yaml. */
export interface SearchMatch {
  path: string;
  /** Counted from 1. */
  line: number;
  content: string;
}

const grepScript = `
pattern=$1
shift
printf '' | grep -E -e "$pattern" 2>/dev/null
[ $? -le 1 ] || refuse pattern 'is not a regular expression'
${enterFolder}
find . "$@" -print0 2>/dev/null | xargs -0 -r grep -EIHnsZ -e "$pattern" --
code=$?
# Nothing was found, or something could not be read.
[ $code -le 1 ] || [ $code -eq 123 ] || exit 1
`;

/**
 * The lines of text files that match a regular expression (POSIX extended). Binary files, and what cannot be read, are
 * left out, and links are not followed.
 * @throws FileError
 */
export async function grep(helper: Helper, request: GrepRequest): Promise<SearchMatch[]> {
  const include = request.include ? matching(request.include, 'include') : [];
  const search = { path: request.path, exclude: request.exclude, tests: ['-type', 'f', ...include] };
  const parameters = [request.pattern, request.path, ...findArguments(search)];
  const advice = 'holds too many matches for one answer; search for less, or in a part of it';
  const output = await helper(grepScript, parameters, { advice });
  return matches(output)
    .map((match) => ({ ...match, path: below(request.path, match.path) }))
    .toSorted((one, other) => inOrder(one.path, other.path) || one.line - other.line);
}

/** Each is `./PATH`, a NUL, the number of the line, a colon, and the line. */
function* parse(text: string): Generator<SearchMatch> {
  for (let at = 0; at < text.length;) {
    const pathEnd = text.indexOf('\0', at);
    const lineEnd = text.indexOf('\n', pathEnd);
    const fact = /^(\d+):(.*)$/s.exec(text.slice(pathEnd + 1, lineEnd));
    if (pathEnd < 0 || lineEnd < 0 || !fact) {
      throw new HttpError(503, 'The sandbox gave an answer that makes no sense.');
    }
    yield { path: text.slice(at + 2, pathEnd), line: Number(fact[1]), content: fact[2] ?? '' };
    at = lineEnd + 1;
  }
}

const matches = (output: Buffer) => Array.from(parse(output.toString('utf8')));
