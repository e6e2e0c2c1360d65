import type { SourceInput } from '../options/types.js';
import { msg, option, type Text } from '../report/message.js';
import type { Filter, UnmatchedEntry } from './filter.js';

/** What was probably meant by a glob that matched nothing. */
interface Slip {
  /** Begins a sentence. */
  readonly why: string;
  /** The globs to write instead. */
  readonly write: readonly string[];
}

const MOST_SHOWN = 5;

/**
 * The warning about entries of `include` and `exclude` that matched nothing, with the likely slip in each; undefined where all matched. To be
 * called after a whole walk of the sources.
 */
export function unmatchedWarning(
  names: Pick<Filter, 'unmatched'>,
  sources: readonly SourceInput[],
): readonly [code: string, message: Text] | undefined {
  const { entries: all, unopened } = names.unmatched?.() ?? { entries: [], unopened: undefined };
  const entries = all.filter((entry) => !isPrecaution(entry));
  if (entries.length === 0) return undefined;
  const paths = sources.filter((source) => typeof source === 'string');
  const told = entries.slice(0, MOST_SHOWN).map((entry) => sentences(entry, paths));
  const more = entries.length - told.length;
  if (more > 0) told.push(`${more} more ${more === 1 ? 'entry' : 'entries'} matched nothing.`);
  if (unopened !== undefined)
    told.push(`Folders that are left out as a whole, such as ${JSON.stringify(`${unopened}/`)}, were not looked into.`);
  return ['filter-unmatched', told.reduce((before, next) => msg`${before} ${next}`)];
}

/** Source maps are left out as a precaution, also of builds without any: the warning about them says how. */
function isPrecaution({ option: name, pattern }: UnmatchedEntry): boolean {
  return name === 'exclude' && /^(?:\*\*\/)?\*(?:\.\w+)?\.map$/.test(pattern);
}

/** A face may have made `!glob` of a glob in the other option, to keep their order, so such an entry is named without its `!`. */
function sentences({ option: name, pattern }: UnmatchedEntry, sources: readonly string[]): Text {
  const flipped = /^!(?!\()/.test(pattern);
  const glob = flipped ? pattern.slice(1) : pattern;
  const shown = JSON.stringify(glob);
  const matched = flipped
    ? msg`The glob ${shown} of {include} or {exclude} matched nothing`
    : msg`${option(name)} ${shown} matched nothing`;
  const slip = slipIn(glob, sources);
  if (slip === undefined) return msg`${matched}.`;
  const each = slip.write.length > 1 ? ', each as an entry of its own' : '';
  return msg`${matched}. ${slip.why}: write ${slip.write.map(plain).join(' and ')}${each}.`;
}

/** Without quotes, which might be written along again. */
function plain(glob: string): string {
  return /[\p{Cc}\p{Z}]/u.test(glob) ? JSON.stringify(glob) : glob;
}

/** Slips in the order in which they are looked for; several may have come together, as in `- "*.map"`. */
const SLIPS: readonly ((glob: string, sources: readonly string[]) => Slip | undefined)[] = [
  jsonList,
  separators,
  (glob) => rewritten(glob, glob.trim(), 'The blanks around it are part of it'),
  (glob) => rewritten(glob, glob.replace(/^-\s+/, ''), 'The "- " of a YAML list is part of it'),
  (glob) => rewritten(glob, glob.replaceAll(QUOTES_AROUND, ''), 'The quotes are part of it'),
  sourceInFront,
  regularExpression,
  (glob) => rewritten(glob, glob.replace(/^(?:\.?\/)+/, ''), 'A "/" at its beginning stands for the source itself'),
  (glob) => rewritten(glob, glob.replaceAll(/\\+/g, '/'), 'Folders are separated by "/", on every system'),
  (glob) => rewritten(glob, glob.replace(/\/+$/, ''), 'With a "/" at its end it matches folders only'),
];

const QUOTES_AROUND = /^['"`‘’‚“”„«»]+|['"`‘’‚“”„«»]+$/g;
/** Slips that may come together go at most so deep. */
const MOST_TOGETHER = 6;

/**
 * The likely slip in a glob that matched nothing; undefined where none shows.
 * @param glob without the `!` of a list
 * @param sources the paths of the sources, as they were written
 * @param together how many slips came before it
 */
export function slipIn(glob: string, sources: readonly string[], together = 0): Slip | undefined {
  for (const find of SLIPS) {
    const slip = find(glob, sources);
    if (slip === undefined) continue;
    if (together >= MOST_TOGETHER) return slip;
    return { ...slip, write: slip.write.flatMap((one) => slipIn(one, sources, together + 1)?.write ?? [one]) };
  }
  return undefined;
}

function rewritten(glob: string, fixed: string, why: string): Slip | undefined {
  return fixed === glob || fixed === '' ? undefined : { why, write: [fixed] };
}

function jsonList(glob: string): Slip | undefined {
  if (!/^\s*\[\s*".*"\s*\]\s*$/s.test(glob)) return undefined;
  try {
    const list: unknown = JSON.parse(glob);
    if (!Array.isArray(list) || !list.every((one) => typeof one === 'string')) return undefined;
    return { why: 'It is a list in JSON, taken as one glob', write: list };
  } catch {
    return undefined;
  }
}

/** Several globs in one text. One that has a comma or a blank in it is none of them: `Smith, John.pdf`. */
function separators(glob: string): Slip | undefined {
  const [separator] = /[,;|]|\s/.exec(glob.trim()) ?? [];
  // Within braces, brackets and parentheses they mean something.
  if (separator === undefined || /[{[(]/.test(glob)) return undefined;
  const parts = glob.split(/[\s,;|]+/).filter((part) => part !== '' && part !== '-');
  if (parts.length < 2 || parts.some((part) => !/[*?./]/.test(part))) return undefined;
  const shown = /\s/.test(separator) ? 'A blank' : `A "${separator}"`;
  return { why: `${shown} does not separate globs`, write: parts };
}

function sourceInFront(glob: string, sources: readonly string[]): Slip | undefined {
  const path = bare(glob);
  for (const source of sources) {
    const whole = bare(source.replaceAll('\\', '/'));
    for (const name of [whole, whole.slice(whole.lastIndexOf('/') + 1)]) {
      if (name === '' || (path !== name && !path.startsWith(`${name}/`))) continue;
      const rest = path.slice(name.length + 1);
      return { why: `Globs are relative to the source ${JSON.stringify(source)}`, write: [rest === '' ? '**' : rest] };
    }
  }
  return undefined;
}

/** Without `./` or `/` in front, and without `/` at the end. */
function bare(path: string): string {
  return path === '.' || path === '..' ? '' : path.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
}

function regularExpression(glob: string): Slip | undefined {
  if (!/^\^|\$$|^\.[*+]\\?\.|\\\.\w+$/.test(glob)) return undefined;
  const fixed = glob
    .replace(/^\^/, '')
    .replace(/\$$/, '')
    .replaceAll(/\.[*+]/g, '*')
    .replaceAll('\\.', '.');
  return rewritten(glob, fixed, 'It reads as a regular expression');
}
