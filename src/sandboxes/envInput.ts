import { parse } from 'dotenv';
import type { FieldError } from './errors.ts';
import { checkVariables, type Variables } from './variables.ts';

/** A line that says nothing. */
const blank = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
/** The name of a variable, with all that stands before its value. */
const head = /[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=|:[^\S\n])[^\S\n]*/y;
/**
 * A value, which has several lines only in quotation marks, and the rest of its last line: a comment, which is captured
 * where no blank stands before it.
 */
const value =
  /(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|(?:[^'"`#\n][^#\n]*)?)[^\S\n]*((?<=\S)#[^\n]*)?(?:#[^\n]*)?(?:\n|$)/y;
const line = /[^\n]*(?:\n|$)/y;

export interface ReadVariables {
  readonly variables: Variables;
  readonly errors: readonly FieldError[];
  /** The names of those whose value ends at a # that no blank stands before: elsewhere it is part of the value. */
  readonly cut: readonly string[];
}

/**
 * Reads variables that come from a file, in the form of a `.env` file. A line that is none is an error that names it:
 * `line 3`. It takes a time that grows as the text does: each part of it is looked at once, unlike by dotenv, whose
 * `parse` is left only what it knows best, a value.
 */
export function readVariables(text: string): ReadVariables {
  const whole = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const entries: [name: string, value: string][] = [];
  const errors: FieldError[] = [];
  const cut = new Set<string>();
  let [at, number] = [0, 1];
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(whole) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  };
  while (at < whole.length) {
    const start = at;
    if (!take(blank)) {
      const name = take(head)?.[1];
      const [written, cutting] = (name !== undefined && take(value)) || [];
      if (name !== undefined && written !== undefined) {
        entries.push([name, valueOf(written)]);
        cut.delete(name);
        if (cutting) cut.add(name);
      } else errors.push({ field: `line ${number}`, error: name === undefined ? noVariable : openQuote });
      if (written === undefined) take(line);
    }
    number += whole.slice(start, at).split('\n').length - 1;
  }
  // A name such as `__proto__` is one like any other.
  const variables = Object.fromEntries(entries);
  return { variables, errors: [...errors, ...checkVariables(variables)], cut: [...cut] };
}

const noVariable = 'This is neither NAME=value nor a comment.';
const openQuote = 'The quotation mark of its value is not closed, or something stands behind it.';

/** What a value means, as it is written. */
const valueOf = (written: string): string => parse(`VALUE=${written}`)['VALUE'] ?? '';
