import type { HeaderMap } from '../options/types.js';
import { guessContentType } from './content-type.js';
import { type HeaderOptions, type OptionHeaders, overlaid } from './object-headers.js';
import type { PreparedRule } from './rules.js';

/** What gave a header its value. */
export type HeaderOrigin =
  /** The content type, guessed from this name. */
  | { readonly by: 'name'; readonly name: string }
  /** The content type, guessed from this name and then changed by what the bytes are. */
  | { readonly by: 'bytes'; readonly name: string }
  | { readonly by: 'preset'; readonly preset: string; readonly why: string }
  | { readonly by: 'option'; readonly option: keyof HeaderOptions }
  /** `number` from 1; `match` as the rule has it. */
  | { readonly by: 'rule'; readonly number: number; readonly match: string | readonly string[] }
  /** The function `headers`. */
  | { readonly by: 'function' }
  /** The compression of this run. */
  | { readonly by: 'gzip' };

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

/** Everything that gives one object headers. */
export interface HeaderParts {
  /** The name that its content type is guessed from. */
  readonly typeName: string;
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
export function traceHeaders({ typeName, preset, options, rules, own }: HeaderParts): {
  readonly headers: HeaderMap;
  readonly explained: readonly ExplainedHeader[];
} {
  const guess = traced({ 'content-type': guessContentType(typeName) }, () => ({ by: 'name', name: typeName }));
  const below = preset === undefined ? NOTHING : traced(preset.headers, () => presetOrigin(preset));
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
      if (planned === undefined) return [{ name, value, origin: { by: 'gzip' as const } }];
      if (planned.value === value) return [planned];
      const { origin } = planned;
      if (origin.by === 'name') return [{ ...planned, value, origin: { by: 'bytes' as const, name: origin.name } }];
      return [compressed(planned, value)];
    });
}

/** A header that compression overrides. */
function compressed({ name, value: before, origin, instead = [] }: ExplainedHeader, value: string): ExplainedHeader {
  return { name, value, origin: { by: 'gzip' }, instead: [...instead, { name, value: before, origin }] };
}

function presetOrigin({ preset, why }: NonNullable<HeaderParts['preset']>): HeaderOrigin {
  return { by: 'preset', preset, why };
}

function ofRule({ headers, number, match }: PreparedRule, typeName: string): Traced {
  const guesses = headers['content-type'] === 'guess';
  const own = guesses ? { ...headers, 'content-type': guessContentType(typeName) } : headers;
  return traced(own, (name) =>
    guesses && name === 'content-type' ? { by: 'name', name: typeName } : { by: 'rule', number, match },
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
