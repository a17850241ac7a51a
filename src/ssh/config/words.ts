/** A line of an SSH config: its keyword in lower case, and its arguments without their quotes. */
export interface Directive {
  readonly keyword: string;
  readonly args: readonly string[];
}

/** Reads a line as `ssh` does; nothing for a comment, an empty line and a keyword whose quote is not closed. */
export function parseLine(line: string): Directive | undefined {
  const text = line.replace(/[ \t\r\n\f]+$/, '');
  const first = takeKeyword(text);
  // Blanks in front, as well as an equals sign or a pair of quotes, make an empty word.
  const { word, rest } = (first?.word === '' ? takeKeyword(first.rest) : first) ?? { word: '', rest: '' };
  if (word === '' || word.startsWith('#')) return undefined;
  return { keyword: word.toLowerCase(), args: split(trimStart(rest)) };
}

/**
 * Takes the first word, which has other rules than the arguments: it ends at a blank, a closing double quote or one
 * equals sign.
 */
function takeKeyword(text: string): { word: string; rest: string } | undefined {
  const end = text.search(/[ \t\r\n"=]/);
  if (end === -1) return { word: text, rest: '' };
  const before = text.slice(0, end);
  if (text.charAt(end) !== '"') {
    return { word: before, rest: text.slice(end).replace(/^[ \t\r\n]*=?[ \t\r\n]*/, '') };
  }
  const close = text.indexOf('"', end + 1);
  if (close === -1) return undefined;
  return { word: before + text.slice(end + 1, close), rest: trimStart(text.slice(close + 1)) };
}

/** Without the blanks in front that count between words; others are letters to `ssh`. */
const trimStart = (text: string): string => text.replace(/^[ \t\r\n]+/, '');

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
    } else if (quote === '' && /[ \t]/.test(char)) {
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
