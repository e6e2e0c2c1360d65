/** One string or template literal of a TypeScript source. */
export interface Literal {
  readonly line: number;
  /** The texts between what a template interpolates; one text where it is a string. */
  readonly texts: readonly string[];
  /** The name before a template, such as `named` in `` named`…` ``; empty where there is none. */
  readonly tag: string;
}

const WORD = /[\w$]/;
/** After these words, or after a sign that is none of these, a slash begins a regular expression. */
const BEFORE_REGEXP = /(?:^|[^\w$.])(?:return|case|typeof|in|of)$|[^\w$)\]'"`]$|^$/;

/** All literals of a source, in the order of their ends; those within a template's `${…}` too. Comments have none. */
export function literalsOf(source: string): Literal[] {
  const found: Literal[] = [];
  const lineAt = (at: number): number => source.slice(0, at).split('\n').length;

  /** Reads code up to the brace that closes it, or to the end; gives the index behind. */
  function code(from: number): number {
    let depth = 0;
    let at = from;
    let before = '';
    while (at < source.length) {
      const sign = source[at] as string;
      const start = at;
      if (source.startsWith('//', at)) at = orEnd(source.indexOf('\n', at));
      else if (source.startsWith('/*', at)) at = orEnd(source.indexOf('*/', at)) + 2;
      else if (sign === "'" || sign === '"') at = string(at);
      else if (sign === '`') at = template(at, /[\w$]*$/.exec(before)?.[0] ?? '');
      else if (sign === '/' && BEFORE_REGEXP.test(before)) at = regexp(at);
      else if (sign === '}' && depth-- === 0) return at + 1;
      else {
        if (sign === '{') depth++;
        at++;
      }
      // A space ends a word, so it must stay between two of them.
      const passed = source.slice(start, at);
      if (!/^\/[/*]/.test(passed)) before = /\s/.test(sign) ? before : `${before}${gap(start)}${passed}`.slice(-20);
    }
    return at;
  }

  const gap = (at: number): string => (WORD.test(source[at] ?? '') && /\s/.test(source[at - 1] ?? '') ? ' ' : '');
  const orEnd = (at: number): number => (at < 0 ? source.length : at);

  function string(from: number): number {
    let at = from + 1;
    while (source[at] !== source[from]) at += source[at] === '\\' ? 2 : 1;
    found.push({ line: lineAt(from), texts: [source.slice(from + 1, at)], tag: '' });
    return at + 1;
  }

  function template(from: number, tag: string): number {
    const texts: string[] = [];
    let at = from + 1;
    let begin = at;
    while (source[at] !== '`') {
      if (source.startsWith('${', at)) {
        texts.push(source.slice(begin, at));
        at = begin = code(at + 2);
      } else at += source[at] === '\\' ? 2 : 1;
    }
    found.push({ line: lineAt(from), texts: [...texts, source.slice(begin, at)], tag });
    return at + 1;
  }

  function regexp(from: number): number {
    let at = from + 1;
    let set = false;
    while (set || source[at] !== '/') {
      if (source[at] === '[') set = true;
      if (source[at] === ']') set = false;
      at += source[at] === '\\' ? 2 : 1;
    }
    return at + 1;
  }

  code(0);
  return found;
}
