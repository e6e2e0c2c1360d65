import type { Rule } from '../options/types.js';
import { msg, option, type Text } from '../report/message.js';
import type { Entry } from './types.js';

/** Looks at the keys of a source for names that a server or a browser treats otherwise than the user expects. */
export interface NameWatch {
  see(key: string): void;
  /** What to warn about, by code. */
  warnings(): readonly (readonly [code: string, message: Text])[];
  /** The warning for servers that keep objects as files, where it applies. */
  fileServerWarning(): readonly [code: string, message: Text] | undefined;
}

/** Keys that are remembered: beyond it the counts are too low, but memory stays bounded. */
const MOST_REMEMBERED = 100_000;
const BEYOND_ASCII = /[\u0080-\uffff]/;
const BEYOND_LOWER_ASCII = /[A-Z\u0080-\uffff]/;
/** What build tools write beside the scripts and styles that they make. */
const SOURCE_MAP = /\.(?:[cm]?js|css)\.map$/i;

/** Files that other hosts of sites read, and the options that name them. */
export const HOST_FILES = { _redirects: 'redirectsFile', _headers: 'headersFile' } as const;
export type HostFile = keyof typeof HOST_FILES;

/** The first example of something, and how many there are. */
interface Seen {
  count: number;
  readonly first: string;
}

/**
 * @param ordered whether keys come in ascending order, so that little has to be remembered
 * @param sourceMaps whether source maps among the keys are a reason for a warning
 * @param hostFiles those of {@link HOST_FILES} that are one, too
 */
export function nameWatch(ordered: boolean, sourceMaps = false, hostFiles: readonly HostFile[] = []): NameWatch {
  const found: Record<'decomposed' | 'twins' | 'cases' | 'shadowed' | 'maps', Seen | undefined> = {
    decomposed: undefined,
    twins: undefined,
    cases: undefined,
    shadowed: undefined,
    maps: undefined,
  };
  const note = (kind: keyof typeof found, example: () => string): void => {
    const seen = found[kind];
    if (seen === undefined) found[kind] = { count: 1, first: example() };
    else seen.count += 1;
  };
  /** The first key of each. */
  const forHosts = new Map<HostFile, string>();
  /** Keys by what stays of them without regard to case and Unicode form. */
  const folded = new Map<string, string>();
  const isShadowed = ordered ? shadowsInOrder() : shadows();

  return {
    see(key) {
      const beyond = BEYOND_ASCII.test(key);
      const form = beyond ? key.normalize('NFC') : key;
      if (form !== key) note('decomposed', () => `"${key}"`);
      // Capitals come before small letters, so in ascending order the first of two such keys has capitals, or is beyond ASCII.
      const kept = !ordered || BEYOND_LOWER_ASCII.test(key);
      if (kept || folded.size > 0) {
        const fold = form.toLowerCase();
        const other = folded.get(fold);
        if (other !== undefined && other !== key) {
          const kind = beyond && other.normalize('NFC') === form ? 'twins' : 'cases';
          note(kind, () => `"${other}" and "${key}"`);
        } else if (kept && folded.size < MOST_REMEMBERED) folded.set(fold, key);
      }
      if (sourceMaps && SOURCE_MAP.test(key)) note('maps', () => `"${key}"`);
      for (const name of hostFiles)
        if (key.endsWith(name) && !forHosts.has(name) && /(?:^|\/)_[a-z]+$/.test(key)) forHosts.set(name, key);
      const pair = isShadowed(key);
      if (pair !== undefined) note('shadowed', () => `"${pair[0]}" and "${pair[1]}"`);
    },
    warnings() {
      const { decomposed, maps } = found;
      const warnings: [string, Text][] = [];
      const alike = sameLooking(found);
      if (alike !== undefined) warnings.push(['same-looking-keys', alike]);
      if (decomposed !== undefined)
        warnings.push([
          'decomposed-keys',
          msg`${many(decomposed.count, 'key has', 'keys have')} accents as characters of their own (Unicode NFD, as macOS writes names), for example ${decomposed.first}: a link that is typed or written elsewhere (NFC) does not find ${decomposed.count === 1 ? 'the object' : 'the objects'}. Set {normalize: 'nfc'}, or rename them, for example by convmv -f utf8 -t utf8 --nfc -r --notest DIR.`,
        ]);
      if (maps !== undefined)
        warnings.push([
          'source-maps',
          msg`${many(maps.count, 'source map is', 'source maps are')} among the files, for example ${maps.first}: whoever downloads ${maps.count === 1 ? 'it' : 'them'} may read your source code. Leave ${maps.count === 1 ? 'it' : 'them'} out by {exclude} "*.map", or set {warnSourceMaps: false} where that is meant.`,
        ]);
      for (const [name, key] of forHosts)
        warnings.push([
          `unread-${name.slice(1)}`,
          msg`"${key}" is among the files, and S3 does nothing with it but show it to visitors. Name it by ${option(HOST_FILES[name])}, or leave it out by {exclude}.`,
        ]);
      return warnings;
    },
    fileServerWarning() {
      const { shadowed } = found;
      if (shadowed === undefined) return undefined;
      return [
        'key-is-folder',
        msg`${many(shadowed.count, 'key is', 'keys are')} also a folder of other keys, for example ${shadowed.first}: a server that keeps objects as files, such as this one, refuses one of the two, or does not list it, and then each run uploads it again. Rename one of them, or leave it out by {exclude}.`,
      ];
    },
  };
}

/** What there is to say of keys that people, or other systems, take as one; undefined for none. */
function sameLooking({
  twins,
  cases,
}: {
  readonly twins: Seen | undefined;
  readonly cases: Seen | undefined;
}): Text | undefined {
  const texts: string[] = [];
  if (twins !== undefined)
    texts.push(
      `${many(twins.count, 'key looks', 'keys look')} the same as another one but ${twins.count === 1 ? 'has' : 'have'} other bytes, for example ${twins.first}: both become objects, because S3 compares bytes.`,
    );
  if (cases !== undefined)
    texts.push(
      `${many(cases.count, 'key differs', 'keys differ')} from another one only by case, for example ${cases.first}: both become objects of S3, but some servers, and file systems such as those of macOS and Windows, keep one of them.`,
    );
  return texts.length === 0 ? undefined : `${texts.join(' ')} Rename one of them.`;
}

/**
 * Whether the user has named source maps in what is to be taken, so that they are no surprise: an `include`, an `exclude` that takes back in, or a
 * rule for them.
 */
export function namesSourceMaps(options: {
  readonly include?: string | readonly string[] | undefined;
  readonly exclude?: string | readonly string[] | undefined;
  readonly rules?: readonly Pick<Rule, 'match' | 'skip'>[] | undefined;
}): boolean {
  const { include = [], exclude = [], rules = [] } = options;
  const takenBack = [exclude].flat().filter((glob) => glob.startsWith('!'));
  const globs = [include, takenBack, rules.map(({ match, skip }) => (skip === true ? [] : match))].flat(2);
  return globs.some((glob) => /\bmap\W*$/i.test(glob));
}

function many(count: number, one: string, more: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : more}`;
}

type FindShadow = (key: string) => readonly [file: string, below: string] | undefined;

/** All keys that begin with a key follow it directly, so only those that the last one begins with are kept. */
function shadowsInOrder(): FindShadow {
  const begun: string[] = [];
  return (key) => {
    for (let last = begun.at(-1); last !== undefined && !key.startsWith(last); last = begun.at(-1)) begun.pop();
    const file = begun.find((one) => key.charCodeAt(one.length) === 0x2f);
    begun.push(key);
    return file === undefined ? undefined : [file, key];
  };
}

function shadows(): FindShadow {
  const files = new Set<string>();
  const folders = new Map<string, string>();
  return (key) => {
    let pair: readonly [string, string] | undefined;
    const below = folders.get(key);
    if (below !== undefined) pair = [key, below];
    for (let slash = key.indexOf('/'); slash > 0; slash = key.indexOf('/', slash + 1)) {
      const folder = key.slice(0, slash);
      if (files.has(folder)) pair ??= [folder, key];
      if (folders.size < MOST_REMEMBERED && !folders.has(folder)) folders.set(folder, key);
    }
    if (files.size < MOST_REMEMBERED) files.add(key);
    return pair;
  };
}

/** Passes what was found on, and shows its keys to the watch. */
export async function* watchNames<T extends Pick<Entry, 'kind' | 'key'> | { readonly kind: 'unusable' | 'leftOut' }>(
  found: AsyncIterable<T>,
  watch: NameWatch,
): AsyncGenerator<T, void> {
  for await (const unit of found) {
    if (unit.kind === 'entry') watch.see(unit.key);
    yield unit;
  }
}
