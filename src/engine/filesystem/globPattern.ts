import { invalidField } from '../http/httpError.ts';

/**
 * A glob pattern as the regular expression (POSIX extended) of the paths below `.` that it matches. Without a slash it
 * is about names, at any depth; with one it is about the path from the top. `*` and `?` stop at a slash, `**` does not;
 * `[a-z]`, `[!a-z]` and `{one,two}` are known, and a backslash makes the next character an ordinary one.
 * @param field to blame
 * @throws HttpError 400 when it is none
 */
export function globExpression(pattern: string, field: string): string {
  const anchored = pattern.startsWith('/') ? pattern.slice(1) : pattern;
  const prefix = pattern.includes('/') ? String.raw`\./` : String.raw`\./(.*/)?`;
  const expression = prefix + translate(anchored);
  try {
    RegExp(inJavaScript(expression), 'u');
  } catch {
    throw invalidField(field, 'is not a glob pattern');
  }
  return expression;
}

/** The two notations agree in all that comes out of here, but for a bracket that is first in a set. */
function inJavaScript(expression: string): string {
  const escapesAndSets = /\\.|\[\^?\]?[^\]\\]*\]/gsu;
  return expression.replace(escapesAndSets, (part) => part.replace(/^\[(\^?)\]/, String.raw`[$1\]`));
}

/** In the order in which they are tried. */
const tokens: [RegExp, (match: string) => string][] = [
  [/^\*\*\//, () => '(.*/)?'],
  [/^\*\*/, () => '.*'],
  [/^\*/, () => '[^/]*'],
  [/^\?/, () => '[^/]'],
  [/^\[[!^]?\]?[^\]\\]*\]/, (match) => match.replace(/^\[!/, '[^')],
  [/^\{/, () => '('],
  [/^\\./su, (match) => literal(match.slice(1))],
  [/^./su, literal],
];

function translate(pattern: string): string {
  let expression = '';
  let depth = 0;
  for (let rest = pattern; rest !== '';) {
    if (depth > 0 && /^[,}]/.test(rest)) {
      expression += rest.startsWith(',') ? '|' : ')';
      if (rest.startsWith('}')) depth -= 1;
      rest = rest.slice(1);
      continue;
    }
    for (const [token, replace] of tokens) {
      const match = token.exec(rest)?.[0];
      if (match === undefined) continue;
      if (match === '{') depth += 1;
      expression += replace(match);
      rest = rest.slice(match.length);
      break;
    }
  }
  return expression;
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|]/.test(character) ? `\\${character}` : character;
}
