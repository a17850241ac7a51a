import { isDeepStrictEqual } from 'node:util';
import { parse } from 'dotenv';
import type { FieldError } from './errors.ts';

export type Variables = Readonly<Record<string, string>>;

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

/** What is wrong with variables for a sandbox, by name: `env.NAME`. */
export function checkVariables(variables: Variables): FieldError[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const field = `env.${name}`;
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      return { field, error: 'A name has letters, digits and underscores, and begins with no digit.' };
    }
    return value.includes('\0') ? { field, error: 'A value has no NUL in it.' } : [];
  });
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
