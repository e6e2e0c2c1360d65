import { msg, type Text } from '../report/message.js';
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

/** The first example of something, and how many there are. */
interface Seen {
  count: number;
  readonly first: string;
}

/** @param ordered whether keys come in ascending order, so that little has to be remembered */
export function nameWatch(ordered: boolean): NameWatch {
  const found: Record<'decomposed' | 'twins' | 'shadowed', Seen | undefined> = {
    decomposed: undefined,
    twins: undefined,
    shadowed: undefined,
  };
  const note = (kind: keyof typeof found, example: () => string): void => {
    const seen = found[kind];
    if (seen === undefined) found[kind] = { count: 1, first: example() };
    else seen.count += 1;
  };
  /** Keys beyond ASCII, by their composed form. */
  const composed = new Map<string, string>();
  const isShadowed = ordered ? shadowsInOrder() : shadows();

  return {
    see(key) {
      if (BEYOND_ASCII.test(key)) {
        const form = key.normalize('NFC');
        if (form !== key) note('decomposed', () => `"${key}"`);
        const other = composed.get(form);
        if (other !== undefined && other !== key) note('twins', () => `"${other}" and "${key}"`);
        else if (composed.size < MOST_REMEMBERED) composed.set(form, key);
      }
      const pair = isShadowed(key);
      if (pair !== undefined) note('shadowed', () => `"${pair[0]}" and "${pair[1]}"`);
    },
    warnings() {
      const { decomposed, twins } = found;
      const warnings: [string, Text][] = [];
      if (twins !== undefined)
        warnings.push([
          'same-looking-keys',
          `${many(twins.count, 'key looks', 'keys look')} the same as another one but ${twins.count === 1 ? 'has' : 'have'} other bytes, for example ${twins.first}: both become objects, because S3 compares bytes. Rename one of them.`,
        ]);
      if (decomposed !== undefined)
        warnings.push([
          'decomposed-keys',
          `${many(decomposed.count, 'key has', 'keys have')} accents as characters of their own (Unicode NFD, as macOS writes names), for example ${decomposed.first}: a link that is typed or written elsewhere (NFC) does not find ${decomposed.count === 1 ? 'the object' : 'the objects'}. Rename them, for example by convmv -f utf8 -t utf8 --nfc -r --notest DIR.`,
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
