import { isDeepStrictEqual } from 'node:util';
import { parse } from 'dotenv';
import type { FieldError } from './errors.ts';
import { checkVariables, type Variables } from './variables.ts';

/**
 * Reads variables that were typed, or come from a file, in the form of a `.env` file. A line that says nothing is an
 * error that names it: `line 3`.
 */
export function readVariables(text: string): { variables: Variables; errors: FieldError[] } {
  const variables = parse(text);
  const ignored = ignoredLines(text, variables).map((number) => ({
    field: `line ${number}`,
    error: 'This is neither NAME=value nor a comment.',
  }));
  return { variables, errors: [...ignored, ...checkVariables(variables)] };
}

/** The numbers, from 1, of the lines that `parse` passes over although they are no comments. */
function ignoredLines(text: string, variables: Variables): number[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  return lines.flatMap((line, index) => {
    if (/^\s*($|#|(export\s+)?[\w.-]+\s*(=|:\s))/.test(line)) return [];
    // It may belong to a value of several lines, which would not be the same without it.
    const others = lines.filter((_, other) => other !== index).join('\n');
    return isDeepStrictEqual(parse(others), variables) ? [index + 1] : [];
  });
}
