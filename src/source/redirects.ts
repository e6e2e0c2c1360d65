import { SourceError, UsageError } from '../errors.js';
import { bytesContent } from '../model/content.js';
import { compareKeys } from '../model/key-order.js';
import { dropUnit } from '../plan/listing/lookup.js';
import { msg, type Text } from '../report/message.js';
import { inBlocks, unitsOf } from '../run/blocks.js';
import { mergeSources } from './candidates.js';
import type { Entry, Found, FoundBlocks, Source } from './types.js';

/** A redirect as an object. */
export interface RedirectObject {
  /** With the prefix. */
  readonly key: string;
  /** Without it: what rules see. */
  readonly relativePath: string;
  /** Where it is written: `_redirects:3`, or `redirects[2]`. */
  readonly origin: string;
  /** The value of `x-amz-website-redirect-location`. */
  readonly location: string;
  /** HTML that redirects, too, for who gets the object as it is. */
  readonly page: string;
}

/**
 * A source with redirects among its objects. No filter, size, limit or function of the user applies to them, as they were written one by one. A file with
 * the key of a redirect is an error: before anything is sent where the source can be walked twice, else both fail, and the object stays as it is.
 * @param alone whether redirects are put without any file, too. A source that is read once shows only at its end that it has none.
 */
export function withRedirects(source: Source, redirects: readonly RedirectObject[], alone: boolean): Source {
  if (redirects.length === 0) return source;
  const entries = redirects.map(entryOf).sort((one, other) => compareKeys(one.key, other.key));
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const { survey } = source;
  const joined = (found: FoundBlocks): FoundBlocks => {
    const twins = new Map<string, string>();
    const checked = withoutTwins(unitsOf(found, dropUnit), byKey, source.repeatable, twins);
    return inBlocks(
      source.ordered
        ? mergeSources([checked, each(entries)])
        : filesFirst(checked, entries, source.repeatable || alone, twins),
    );
  };
  return {
    ...source,
    ...(survey !== undefined && { survey: (signal: AbortSignal) => joined(survey(signal)) }),
    walk: (signal) => joined(source.walk(signal)),
  };
}

function entryOf({ key, relativePath, origin, location, page }: RedirectObject): Entry {
  const bytes = Buffer.from(page);
  return {
    kind: 'entry',
    key,
    origin,
    relativePath,
    size: bytes.byteLength,
    headers: { 'content-type': 'text/html; charset=utf-8', [REDIRECT_LOCATION]: location },
    gzip: false,
    compress: false,
    phase: 'pages',
    redirect: location,
    readWhole: () => bytes,
    open: async () => bytesContent(bytes),
  };
}

/** The header that makes an object a redirect. */
export const REDIRECT_LOCATION = 'x-amz-website-redirect-location';

async function* withoutTwins(
  found: AsyncIterable<Found>,
  redirects: ReadonlyMap<string, Entry>,
  repeatable: boolean,
  twins: Map<string, string>,
): AsyncGenerator<Found, void> {
  for await (const unit of found) {
    const twin = unit.kind === 'entry' ? redirects.get(unit.key) : undefined;
    if (twin === undefined || unit.kind !== 'entry') {
      yield unit;
      continue;
    }
    const { key, origin, settled } = unit;
    const what = msg`The key "${key}" is that of a file and of a redirect: ${origin} and ${twin.origin}.`;
    if (repeatable) throw new UsageError(what, ONE_OF_TWO);
    unit.release?.();
    twins.set(key, origin);
    yield { ...repeated(key, origin, `a redirect has its key, too: ${twin.origin}`), settled };
  }
}

function repeated(key: string, origin: string, reason: string): Extract<Found, { readonly kind: 'unusable' }> {
  const error = new SourceError('RepeatedKey', reason, { hint: ONE_OF_TWO });
  return { kind: 'unusable', action: 'fail', key, origin, reason, error };
}

const ONE_OF_TWO: Text = msg`S3 has one object for one key: leave the file out by {exclude}, or remove the redirect.`;

async function* each(entries: readonly Entry[]): AsyncGenerator<Found, void> {
  yield* entries;
}

async function* filesFirst(
  files: AsyncIterable<Found>,
  redirects: readonly Entry[],
  alone: boolean,
  twins: ReadonlyMap<string, string>,
): AsyncGenerator<Found, void> {
  let some = alone;
  for await (const unit of files) {
    some ||= unit.kind !== 'leftOut';
    yield unit;
  }
  if (!some) return;
  for (const redirect of redirects) {
    const file = twins.get(redirect.key);
    yield file === undefined ? redirect : repeated(redirect.key, redirect.origin, `a file has its key, too: ${file}`);
  }
}
