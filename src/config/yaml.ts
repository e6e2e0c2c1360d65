import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  visit,
} from 'yaml';
import { UsageError } from '../errors.js';
import { hintFor } from '../model/hints.js';
import { maskUrl } from '../report/mask-secrets.js';
import { msg, type Text } from '../report/message.js';
import { ConfigError, type TextPosition } from './config-error.js';
import { readAtMost } from './read-file.js';

/** Keys and indexes that lead to a value. */
export type Path = readonly (string | number)[];

/** What a YAML or JSON file holds, as plain values. */
export interface YamlFile {
  readonly file: string;
  /** Null for an empty file. */
  readonly value: unknown;
  /** The position of a value, or with `key` of its key; for one that does not exist, the nearest position above it. */
  at(path: Path, which: 'key' | 'value'): TextPosition;
  /** The error for a value, or with `key` for its key. */
  error(path: Path, which: 'key' | 'value', message: string, hint?: Text): ConfigError;
}

/** Options are never that long; a longer file is a mistake. */
const MOST_BYTES = 1024 * 1024;
const MOST_ALIASES = 100;
/** The parser's own count, which has one or two steps for a level. Options need five levels, and recursion has room for a thousand. */
const MOST_STEPS = 100;
const QUOTES = 'Put quotes around a text that begins with one of * & ! { [ @ ` % or holds ": " or " #".';
const NO_TAGS = `Nothing in this file is executed. ${QUOTES}`;
const INDENT = 'Indent the entries of one list or mapping by the same number of spaces.';

/**
 * Why a text is not YAML, by the library's code: a message and its fix. Its own messages are for programmers, and quote the text, which may hold
 * a secret.
 */
const PROBLEMS: Readonly<Partial<Record<ErrorCode, readonly [message: string, hint: string]>>> = {
  ALIAS_PROPS: ['An alias (*name) cannot have an anchor or a tag.', QUOTES],
  BAD_ALIAS: ['An anchor (&name) or an alias (*name) has no proper name.', QUOTES],
  BAD_COLLECTION_TYPE: ['A tag (!name) does not fit the value after it.', NO_TAGS],
  BAD_DIRECTIVE: ['A line that begins with "%" is a directive of YAML, and this one does not exist.', QUOTES],
  BAD_DQ_ESCAPE: [
    'A text in double quotes has an escape that does not exist.',
    'Write \\\\ for a backslash, or use single quotes.',
  ],
  BAD_INDENT: ['The indentation does not fit the lines above, or a bracket is not closed.', INDENT],
  BAD_PROP_ORDER: ['An anchor (&name) or a tag (!name) stands in the wrong place.', QUOTES],
  BAD_SCALAR_START: ['A text without quotes cannot begin with this character.', QUOTES],
  BLOCK_AS_IMPLICIT_KEY: ['The text after a name holds ": ", or a list stands where a name should.', QUOTES],
  BLOCK_IN_FLOW: [
    'Within [ ] and { } a list or a mapping needs brackets of its own.',
    'Write [a, b] or {name: value}.',
  ],
  KEY_OVER_1024_CHARS: ['A name is longer than 1,024 characters.', QUOTES],
  MISSING_CHAR: [
    'A quote, a bracket, a comma, a ":" or a space is missing.',
    `Close what is open, and put a space after ":" and before "#". ${QUOTES}`,
  ],
  MULTILINE_IMPLICIT_KEY: ['A ":" is missing after a name, or a name has several lines.', 'Write "name: value".'],
  MULTIPLE_ANCHORS: ['A value has two anchors (&name).', QUOTES],
  MULTIPLE_DOCS: ['The file holds several documents.', 'Keep one document: leave out "---" and what follows.'],
  MULTIPLE_TAGS: ['A value has two tags (!name).', NO_TAGS],
  NON_STRING_KEY: ['A name is not text.', 'Put quotes around it.'],
  TAB_AS_INDENT: ['Tabs are not allowed as indentation.', 'Indent with spaces.'],
  TAG_RESOLVE_FAILED: ['A tag (!name) is not known here.', NO_TAGS],
  UNEXPECTED_TOKEN: ['Something stands here that does not belong to what is before it.', QUOTES],
};
const OTHER_PROBLEM = ['It is neither YAML nor JSON.', QUOTES] as const;
const UNCLOSED = ['A quote is not closed.', 'Close the text with the quote that begins it.'] as const;

/**
 * Reads a file as YAML 1.2 with the core schema, of which JSON is a part. Nothing in it is executed or expanded; aliases are limited, and tags
 * outside of the core schema are errors. Throws `UsageError`, with the position if there is one.
 */
export function readYaml(file: string): YamlFile {
  return parseYaml(file, readText(file));
}

/** The same for a text. @param file how messages name it */
export function parseYaml(file: string, text: string): YamlFile {
  const deep = tooDeep(text);
  if (deep !== undefined) throw nestingError(file, deep);
  const lines = new LineCounter();
  const placeOf = (offset: number | undefined): TextPosition => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, { ...STRICT, lineCounter: lines });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const unclosed = problem.code === 'MISSING_CHAR' && problem.message.includes('quote');
    const [message, hint] = unclosed ? UNCLOSED : (PROBLEMS[problem.code] ?? OTHER_PROBLEM);
    throw new ConfigError(file, placeOf(problem.pos[0]), message, hint);
  }
  const found = findProblem(document);
  if (found !== undefined) throw new ConfigError(file, placeOf(found.offset), found.message, found.hint);
  const at: YamlFile['at'] = (path, which) => placeOf(findOffset(document, path, which));
  return {
    file,
    value: plainValue(document, () => nestingError(file, placeOf(lastAlias(document)))),
    at,
    error: (path, which, message, hint) => new ConfigError(file, at(path, which), message, hint),
  };
}

/** Reads a whole file, or stops after `MOST_BYTES`: a device or a pipe may have no end. */
function readText(file: string): string {
  let bytes: Buffer | undefined;
  try {
    bytes = readAtMost(file, MOST_BYTES);
    if (bytes !== undefined) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new UsageError(`The file "${file}" does not exist.`, msg`Check the path; {relativePaths}.`);
    if (code === 'EISDIR') throw new UsageError(`"${file}" is a directory.`, 'Name a YAML or JSON file.');
    if (bytes !== undefined) throw new UsageError(`The file "${file}" is not UTF-8.`, 'Save it as UTF-8.');
    throw new UsageError(`The file "${file}" cannot be read (${code}).`, hintFor({ code: code ?? '', verb: 'read' }));
  }
  throw new UsageError(
    `The file "${file}" is larger than 1 MiB.`,
    'A config file is never this large. Check that it is the right file.',
  );
}

const STRICT = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  // The library compares each key with all others; findProblem does not.
  uniqueKeys: false,
  stringKeys: true,
  prettyErrors: false,
} as const;

/** Where lists and mappings are nested too deeply; undefined if they are not. The parser has a stack of its own, but all else is recursive. */
function tooDeep(text: string): TextPosition | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _token of parser.next(lexeme));
    if (parser.stack.length <= MOST_STEPS) continue;
    const before = text.slice(0, parser.offset).split('\n');
    return { line: before.length, column: Math.max(before.at(-1)?.length ?? 0, 1) };
  }
  return undefined;
}

function plainValue(document: Document.Parsed, tooMany: () => ConfigError): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    // For aliases of aliases, which expand to more than fits into memory.
    throw error instanceof RangeError || error instanceof ReferenceError ? tooMany() : error;
  }
}

function nestingError(file: string, place: TextPosition): ConfigError {
  return new ConfigError(file, place, 'Its lists and aliases are nested too deeply.', 'Write values out instead.');
}

interface FoundProblem {
  readonly offset: number | undefined;
  readonly message: string;
  readonly hint: string;
}

/** The first name that is given twice, or alias that cannot be resolved; undefined if there is none. One pass, however many there are. */
function findProblem(document: Document.Parsed): FoundProblem | undefined {
  const anchors = new Map<string, unknown>();
  let aliases = 0;
  let found: FoundProblem | undefined;
  const stopAt = (node: unknown, message: string, hint: string): symbol => {
    found = { offset: rangeStart(node), message, hint };
    return visit.BREAK;
  };
  visit(document, {
    Value(_key, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!isMap(node)) return undefined;
      const keys = new Set<string>();
      for (const { key } of node.items) {
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name !== undefined && keys.has(name)) return stopAt(key, 'The name is given twice.', 'Give it once.');
        if (name !== undefined) keys.add(name);
      }
      return undefined;
    },
    Alias(_key, node, path) {
      const target = anchors.get(node.source);
      const name = maskUrl(node.source);
      if (target === undefined) return stopAt(node, `"*${name}" is an alias of an anchor that does not exist.`, QUOTES);
      if (path.some((one) => one === target))
        return stopAt(node, `"*${name}" is an alias of the value that it is part of.`, 'Write values out instead.');
      aliases += 1;
      if (aliases > MOST_ALIASES)
        return stopAt(node, `The file has more than ${MOST_ALIASES} aliases.`, 'Write values out instead.');
      return undefined;
    },
  });
  return found;
}

function lastAlias(document: Document.Parsed): number | undefined {
  let last: number | undefined;
  visit(document, {
    Alias(_key, node) {
      last = rangeStart(node);
    },
  });
  return last;
}

function findOffset(document: Document.Parsed, path: Path, which: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents;
  let key: number | undefined = document.contents?.range[0];
  let value = key;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined || !isScalar(pair.key)) return value;
      key = pair.key.range?.[0] ?? key;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step];
      key = rangeStart(node) ?? key;
    } else return value;
    value = rangeStart(node) ?? key;
  }
  return which === 'key' ? key : value;
}

function rangeStart(node: unknown): number | undefined {
  const range = (node as { readonly range?: readonly [number, number, number] | null } | null)?.range;
  return range?.[0];
}
