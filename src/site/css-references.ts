import { type CSSToken, TokenType, tokenizer } from '@csstools/css-tokenizer';

/** Something that CSS names. */
export interface CssReference {
  /** Escapes decoded, without white space around it. */
  readonly url: string;
  readonly css: 'url' | 'import' | 'image-set';
  /** UTF-16 units from the start to its token. */
  readonly offset: number;
}

/** Takes text in pieces of any length. */
export interface TextScanner {
  write(text: string): void;
  end(): void;
}

/** A token is known to be whole once this many characters follow it: no other looks further ahead. @see https://drafts.csswg.org/css-syntax/#tokenization */
const LOOK_AHEAD = 8;
/** Most characters of one token. Longer ones are comments, or strings and URLs with data, and are passed over. */
const MOST_HELD = 65_536;
/** Only broken style sheets nest functions deeper. */
const MOST_NESTED = 256;

/**
 * Passes each reference of a style sheet, or of a list of declarations, on: `url()`, `@import` and the strings of `image-set()`. Namespaces are names,
 * though written with `url()`. The tokenizer needs the whole text; but since no token depends on those before it, the text is tokenized piece by
 * piece, each time from the first token that was not known to be whole.
 */
export function cssReferences(onReference: (found: CssReference) => void): TextScanner {
  let held = '';
  /** Where `held` begins. */
  let heldFrom = 0;
  /** The token that is passed over. */
  let skipped: LongToken | undefined;
  /** The functions and parentheses that are open, in lower case. */
  const nested: string[] = [];
  /** The at-rule that has just begun, and the one whose function has. */
  let rule = '';
  let ruleOfFunction = '';

  function take(token: CSSToken): void {
    const [type, , start, end] = token;
    if (type === TokenType.Whitespace || type === TokenType.Comment) return;
    const [began, inside] = [rule, nested.at(-1)];
    rule = '';
    if (type === TokenType.AtKeyword) rule = token[4].value.toLowerCase();
    else if (type === TokenType.Ident && began === 'namespace') rule = began;
    else if (type === TokenType.Function || type === TokenType.OpenParen) {
      ruleOfFunction = began;
      if (nested.length < MOST_NESTED) nested.push(type === TokenType.Function ? token[4].value.toLowerCase() : '');
    } else if (type === TokenType.CloseParen) nested.pop();
    else if ((type === TokenType.URL || type === TokenType.String) && end - start < MOST_HELD) {
      const css =
        type === TokenType.URL ? kindOf('url', began) : kindOf(inside, inside === undefined ? began : ruleOfFunction);
      const url = token[4].value.trim();
      if (css !== undefined && url !== '') onReference({ url, css, offset: heldFrom + start });
    }
  }

  /** Takes the tokens of `held` that are whole, and keeps the rest. */
  function scan(whole: boolean): void {
    const tokens = tokenizer({ css: held });
    let taken = 0;
    while (!tokens.endOfFile()) {
      const token = tokens.nextToken();
      const end = token[3] + 1;
      if (token[0] === TokenType.EOF || (!whole && end + LOOK_AHEAD > held.length)) break;
      take(token);
      taken = end;
    }
    drop(taken);
    if (whole || held.length <= MOST_HELD) return;
    skipped = longTokenAt(held);
    rule = '';
    passOver(skipped);
  }

  function drop(count: number): void {
    heldFrom += count;
    held = held.slice(count);
  }

  /** Drops a token that is too long, up to its end. */
  function passOver(token: LongToken): void {
    const { length, ended } = lengthOf(token, held);
    drop(length);
    if (ended) skipped = undefined;
  }

  return {
    write(text) {
      held += text;
      if (skipped !== undefined) passOver(skipped);
      if (skipped === undefined) scan(false);
    },
    end() {
      if (skipped === undefined) scan(true);
      held = '';
    },
  };
}

/**
 * What a string or URL is for; undefined where it names no file.
 * @param inside the function around it
 * @param rule the at-rule that it begins
 */
function kindOf(inside: string | undefined, rule: string): CssReference['css'] | undefined {
  if (rule === 'import') return inside === undefined || isUrl(inside) ? 'import' : undefined;
  if (rule === 'namespace' || inside === undefined) return undefined;
  if (isUrl(inside)) return 'url';
  return inside === 'image-set' || inside === '-webkit-image-set' ? 'image-set' : undefined;
}

function isUrl(name: string): boolean {
  return name === 'url' || name === 'src';
}

/** A token of which only the end is searched. */
interface LongToken {
  readonly end: RegExp;
  /** Whether a backslash takes the meaning from the character after it. */
  readonly escapes: boolean;
  /** Length of what opens it. */
  opening: number;
}

/** What token begins here: a comment, a string or a URL; others of such a length are in no style sheet. */
function longTokenAt(text: string): LongToken {
  if (text.startsWith('/*')) return { end: /\*\//g, escapes: false, opening: 2 };
  if (text.startsWith('"')) return { end: /["\n\r\f\\]/g, escapes: true, opening: 1 };
  if (text.startsWith("'")) return { end: /['\n\r\f\\]/g, escapes: true, opening: 1 };
  if (/^url\(/i.test(text)) return { end: /[)\\]/g, escapes: true, opening: 4 };
  return { end: /[\s;{}()\\]/g, escapes: true, opening: 1 };
}

/** How much of the text belongs to the token, and whether that is all of it. */
function lengthOf(token: LongToken, text: string): { readonly length: number; readonly ended: boolean } {
  const { end, escapes } = token;
  end.lastIndex = token.opening;
  token.opening = 0;
  for (let match = end.exec(text); match !== null; match = end.exec(text)) {
    if (!escapes || match[0] !== '\\') return { length: end.lastIndex, ended: true };
    // What the backslash stands before may come later.
    if (end.lastIndex === text.length) return { length: match.index, ended: false };
    end.lastIndex += 1;
  }
  // So may the second character of the end of a comment.
  const kept = escapes || !text.endsWith('*') ? 0 : 1;
  return { length: text.length - kept, ended: false };
}
