/** A line of an SSH config: its keyword in lower case, and its arguments without their quotes. */
export interface Directive {
  readonly keyword: string;
  readonly args: readonly string[];
}

/** Reads a line as `ssh` does; nothing for a comment and an empty line. */
export function parseLine(line: string): Directive | undefined {
  const [, keyword, rest = ''] = /^[ \t]*([^\s="#]+)(?:[ \t]*=[ \t]*|[ \t]+)?(.*?)\s*$/.exec(line) ?? [];
  return keyword === undefined ? undefined : { keyword: keyword.toLowerCase(), args: split(rest) };
}

/** Words between blanks, up to one that begins with `#`. Either quote keeps blanks together until its like. */
function split(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '\\' && (/["'\\]/.test(next) || (next === ' ' && quote === ''))) {
      word = `${word ?? ''}${next}`;
      at++;
    } else if (char === quote) {
      quote = '';
    } else if (quote === '' && /["']/.test(char)) {
      quote = char;
      word ??= '';
    } else if (quote === '' && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '#' && word === undefined) {
      break;
    } else {
      word = `${word ?? ''}${char}`;
    }
  }
  return word === undefined ? words : [...words, word];
}
