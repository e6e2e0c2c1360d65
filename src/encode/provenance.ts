import type { Encoding } from '../model/encodings.js';
import type { HeaderMap } from '../options/types.js';
import {
  type CompressionCandidate,
  type CompressionDecision,
  type CompressionLayer,
  compressionChoice,
  decideCompression,
  SOURCE_MD5,
} from './compression.js';
import { guessContentType } from './content-type.js';
import { METADATA_PREFIX } from './header-syntax.js';
import { type HeaderOptions, type OptionHeaders, overlaid } from './object-headers.js';
import { type NamedRule, nameOf, type PreparedRule } from './rules.js';

/** What gave a header its value. */
export type HeaderOrigin =
  /** The content type, guessed from this name; or the encoding that it shows. */
  | { readonly by: 'name'; readonly name: string }
  /** The content type, guessed from this name and then changed by what the bytes are; or the encoding that the bytes show. */
  | { readonly by: 'bytes'; readonly name: string }
  | { readonly by: 'preset'; readonly preset: string; readonly why: string }
  | { readonly by: 'option'; readonly option: keyof HeaderOptions }
  /** `number` from 1; `match` as the rule has it. */
  | ({ readonly by: 'rule' } & NamedRule)
  /** The function `headers`. */
  | { readonly by: 'function' }
  /** The compression of this run, with gzip or with another coding. */
  | { readonly by: 'gzip' | 'compress' };

/** A header of one object, and what gave it. */
export interface ExplainedHeader {
  /** In lower case. */
  readonly name: string;
  /** As it is sent. */
  readonly value: string;
  readonly origin: HeaderOrigin;
  /** What lower layers gave for it, the lowest first; absent where they gave nothing. */
  readonly instead?: readonly Omit<ExplainedHeader, 'instead'>[];
}

/** Compression by this run: by the option `gzip`, or by `compress`. */
export interface ExplainedGzip {
  /** In whichever encoding. */
  readonly compressed: boolean;
  /** The coding, where `compress` chooses it; absent where `gzip` decides, or nothing is compressed by choice. */
  readonly encoding?: Encoding;
  /** `not smaller`: its compressed form gained nothing. */
  readonly reason: CompressionDecision['reason'] | 'not smaller';
  /** The rule that says what is compressed; absent where the option does. */
  readonly rule?: NamedRule;
}

/** What decides about the compression of one object, and what was sent. */
export interface CompressionParts extends Omit<CompressionCandidate, 'choice'> {
  readonly own: CompressionLayer;
  /** The rules that match it, in their order. */
  readonly rules: readonly PreparedRule[];
  readonly run: CompressionLayer;
  /** The headers of the request. */
  readonly sent: HeaderMap;
}

export function explainCompression({ own, rules, run, sent, ...object }: CompressionParts): ExplainedGzip {
  const rule = rules.findLast(({ gzip, compress }) => gzip !== undefined || compress !== undefined);
  const choice = compressionChoice(own, rule ?? {}, run);
  const { compress, reason } = decideCompression({ ...object, choice });
  const compressed = compress !== undefined && SOURCE_MD5_HEADER in sent;
  const isByCompress = (rule ?? run).compress === choice?.encoding;
  return {
    compressed,
    ...(choice !== undefined && isByCompress && { encoding: choice.encoding }),
    reason: compress !== undefined && !compressed ? 'not smaller' : reason,
    ...(rule !== undefined && { rule: nameOf(rule) }),
  };
}

const SOURCE_MD5_HEADER = METADATA_PREFIX + SOURCE_MD5;

/** Everything that gives one object headers. */
export interface HeaderParts {
  /** The name that its content type is guessed from. */
  readonly typeName: string;
  /** The name of a compressed copy, and its encoding. */
  readonly encodedBy?: { readonly name: string; readonly encoding: string } | undefined;
  readonly preset?: { readonly headers: HeaderMap; readonly preset: string; readonly why: string } | undefined;
  /** The lowest first. */
  readonly options: readonly OptionHeaders[];
  /** Those that match its path, in their order. */
  readonly rules: readonly PreparedRule[];
  /** What the function `headers` returns for it, names in lower case. */
  readonly own?: HeaderMap | undefined;
}

type Given = Omit<ExplainedHeader, 'instead'>;

/** Headers with the origin of each, and those that others replaced. */
interface Traced {
  readonly headers: HeaderMap;
  readonly origins: ReadonlyMap<string, HeaderOrigin>;
  readonly replaced: readonly Given[];
}

const NOTHING: Traced = { headers: {}, origins: new Map(), replaced: [] };

/** The headers of one object before its bytes are read, with their origins: the layers of `prepareObjectHeaders` and `headersUnderRules`. */
export function traceHeaders({ typeName, encodedBy, preset, options, rules, own }: HeaderParts): {
  readonly headers: HeaderMap;
  readonly explained: readonly ExplainedHeader[];
} {
  const guess = traced({ 'content-type': guessContentType(typeName) }, () => ({ by: 'name', name: typeName }));
  const encoded =
    encodedBy === undefined
      ? NOTHING
      : traced({ 'content-encoding': encodedBy.encoding }, () => ({ by: 'name', name: encodedBy.name }));
  const below = over(encoded, preset === undefined ? NOTHING : traced(preset.headers, () => presetOrigin(preset)));
  const given = options.map(({ option, headers }) => traced(headers, () => ({ by: 'option', option })));
  const ruled = rules.map((rule) => ofRule(rule, typeName)).reduce(over, NOTHING);
  const ofItem =
    own === undefined
      ? ruled
      : over(
          ruled,
          traced(own, () => ({ by: 'function' })),
        );
  // Options for single headers do not replace what goes with them in the option `headers`: together they are checked instead.
  const constant = over(below, given.reduce(beside, NOTHING));
  const all = over(guess, over(constant, ofItem));
  return { headers: all.headers, explained: explainedIn(all) };
}

/**
 * The explained headers as they are sent: the first bytes may change a type that was guessed, and compression adds headers.
 * @param sent as a request has them
 */
export function explainSent(explained: readonly ExplainedHeader[], sent: HeaderMap): readonly ExplainedHeader[] {
  const known = new Map(explained.map((header) => [header.name, header]));
  return Object.keys({ ...Object.fromEntries(known), ...sent })
    .sort()
    .flatMap((name) => {
      const planned = known.get(name);
      const value = sent[name] ?? planned?.value ?? '';
      if (planned === undefined) return [{ name, value, origin: added(sent, known) }];
      if (planned.value === value) return [planned];
      const { origin } = planned;
      if (origin.by === 'name') return [{ ...planned, value, origin: { by: 'bytes' as const, name: origin.name } }];
      return [compressed(planned, value, sent)];
    });
}

/** A header that nothing has planned: the compression of this run, or the bytes, which are compressed already. */
function added(sent: HeaderMap, planned: ReadonlyMap<string, ExplainedHeader>): HeaderOrigin {
  const type = planned.get('content-type')?.origin;
  if (SOURCE_MD5_HEADER in sent) return byCompression(sent);
  return { by: 'bytes', name: type?.by === 'name' ? type.name : '' };
}

function byCompression(sent: HeaderMap): HeaderOrigin {
  return { by: sent['content-encoding'] === 'gzip' ? 'gzip' : 'compress' };
}

/** A header that compression overrides. */
function compressed(
  { name, value: before, origin, instead = [] }: ExplainedHeader,
  value: string,
  sent: HeaderMap,
): ExplainedHeader {
  return { name, value, origin: byCompression(sent), instead: [...instead, { name, value: before, origin }] };
}

function presetOrigin({ preset, why }: NonNullable<HeaderParts['preset']>): HeaderOrigin {
  return { by: 'preset', preset, why };
}

function ofRule(rule: PreparedRule, typeName: string): Traced {
  const { headers } = rule;
  const guesses = headers['content-type'] === 'guess';
  const own = guesses ? { ...headers, 'content-type': guessContentType(typeName) } : headers;
  return traced(own, (name) =>
    guesses && name === 'content-type' ? { by: 'name', name: typeName } : { by: 'rule', ...nameOf(rule) },
  );
}

function traced(headers: HeaderMap, originOf: (name: string) => HeaderOrigin): Traced {
  return { headers, origins: new Map(Object.keys(headers).map((name) => [name, originOf(name)])), replaced: [] };
}

function over(below: Traced, above: Traced): Traced {
  return joined(below, above, overlaid(below.headers, above.headers));
}

function beside(below: Traced, above: Traced): Traced {
  return joined(below, above, { ...below.headers, ...above.headers });
}

function joined(below: Traced, above: Traced, headers: HeaderMap): Traced {
  const origins = new Map<string, HeaderOrigin>();
  for (const name of Object.keys(headers)) {
    const origin = above.origins.get(name) ?? below.origins.get(name);
    if (origin !== undefined) origins.set(name, origin);
  }
  const gone = [...below.origins].filter(([name]) => above.origins.has(name) || !origins.has(name));
  const replaced = gone.map(([name, origin]) => ({ name, value: below.headers[name] ?? '', origin }));
  return { headers, origins, replaced: [...below.replaced, ...replaced, ...above.replaced] };
}

function explainedIn({ headers, origins, replaced }: Traced): readonly ExplainedHeader[] {
  return [...origins].map(([name, origin]) => {
    const instead = replaced.filter((one) => one.name === name && one.origin.by !== 'name');
    return { name, value: headers[name] ?? '', origin, ...(instead.length > 0 && { instead }) };
  });
}
