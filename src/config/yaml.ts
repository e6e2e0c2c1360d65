import { readFileSync } from 'node:fs';
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { UsageError } from '../errors.js';
import { hintFor } from '../model/hints.js';
import { msg, type Text } from '../report/message.js';
import { ConfigError, type TextPosition } from './config-error.js';

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
const QUOTES = 'Put quotes around a text that begins with one of * & ! { [ @ ` % or holds ": " or " #".';

const HINTS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'Give it once.',
  MULTIPLE_DOCS: 'Keep one document: leave out "---" and what follows.',
  TAB_AS_INDENT: 'Indent with spaces.',
  TAG_RESOLVE_FAILED: `Nothing in this file is executed. ${QUOTES}`,
};

/** Instead of the library's messages for programmers. */
const MESSAGES: Readonly<Record<string, string>> = { MULTIPLE_DOCS: 'The file holds several documents.' };

/**
 * Reads a file as YAML 1.2 with the core schema, of which JSON is a part. Nothing in it is executed or expanded; aliases are limited, and tags
 * outside of the core schema are errors. Throws `UsageError`, with the position if there is one.
 */
export function readYaml(file: string): YamlFile {
  return parseYaml(file, readText(file));
}

/** The same for a text. @param file how messages name it */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const placeOf = (offset: number | undefined): TextPosition => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseStrictly(file, text, lines);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const message = MESSAGES[problem.code] ?? `${problem.message.replace(/\.$/, '')}.`;
    throw new ConfigError(file, placeOf(problem.pos[0]), message, HINTS[problem.code] ?? QUOTES);
  }
  const unresolved = unresolvedAlias(document);
  if (unresolved !== undefined) {
    const message = `"*${unresolved.source}" is an alias of an anchor that does not exist.`;
    throw new ConfigError(file, placeOf(unresolved.range?.[0]), message, QUOTES);
  }
  const at: YamlFile['at'] = (path, which) => placeOf(findOffset(document, path, which));
  return {
    file,
    value: plainValue(file, document),
    at,
    error: (path, which, message, hint) => new ConfigError(file, at(path, which), message, hint),
  };
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= MOST_BYTES) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new UsageError(`The file "${file}" does not exist.`, msg`Paths are relative to {workingDirectory}.`);
    if (code === 'EISDIR') throw new UsageError(`"${file}" is a directory.`, 'Name a YAML or JSON file.');
    if (error instanceof TypeError) throw new UsageError(`The file "${file}" is not UTF-8.`, 'Save it as UTF-8.');
    throw new UsageError(`The file "${file}" cannot be read (${code}).`, hintFor({ code: code ?? '', verb: 'read' }));
  }
  throw new UsageError(
    `The file "${file}" is larger than 1 MiB.`,
    'A config file is never this large. Check that it is the right file.',
  );
}

function parseStrictly(file: string, text: string, lineCounter: LineCounter): Document.Parsed {
  const options = { version: '1.2', schema: 'core', merge: false, resolveKnownTags: false } as const;
  const strict = { uniqueKeys: true, stringKeys: true, prettyErrors: false } as const;
  try {
    return parseDocument(text, { ...options, ...strict, lineCounter });
  } catch (error) {
    throw nestingError(file, error);
  }
}

function plainValue(file: string, document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw nestingError(file, error);
  }
}

/** For endless recursion, and for aliases of aliases, which expand to more than fits into memory. */
function nestingError(file: string, error: unknown): ConfigError {
  if (!(error instanceof RangeError || error instanceof ReferenceError)) throw error;
  const first = { line: 1, column: 1 };
  return new ConfigError(file, first, 'Its lists and aliases are nested too deeply.', 'Write values out instead.');
}

function unresolvedAlias(document: Document.Parsed): Alias.Parsed | undefined {
  let found: Alias.Parsed | undefined;
  visit(document, {
    Alias(_key, node) {
      if (node.resolve(document) !== undefined) return undefined;
      found = node as Alias.Parsed;
      return visit.BREAK;
    },
  });
  return found;
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
