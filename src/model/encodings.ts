/** Content codings in which objects are stored. https://www.iana.org/assignments/http-parameters/#content-coding */
export const ENCODINGS = ['gzip', 'br', 'zstd'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Endings by which files are named that contain another one in compressed form, by the coding that undoes it. */
const ENDINGS: readonly (readonly [ending: RegExp, coding: string])[] = [
  [/\.br$/i, 'br'],
  [/\.(?:gz|gzip)$/i, 'gzip'],
  [/\.(?:zst|zstd)$/i, 'zstd'],
];

/**
 * The codings of a `Content-Encoding`, in the order in which they were applied: the last one is what the bytes show. `aws-chunked`, which says how a
 * request was signed, and `identity`, which means none, are not among them.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding
 */
export function codingsOf(value: string | undefined): readonly string[] {
  if (value === undefined) return NONE;
  const codings = value.split(',').map((coding) => coding.trim().toLowerCase());
  return codings.flatMap((coding) =>
    coding === '' || coding === 'aws-chunked' || coding === 'identity' ? [] : [coding === 'x-gzip' ? 'gzip' : coding],
  );
}

const NONE: readonly string[] = [];

/** A name without the endings of these codings: `app.js.br` is `app.js` in `br`. Endings of other codings stay. */
export function nameInside(name: string, codings: readonly string[]): string {
  return codings.reduceRight((inside, coding) => {
    const [ending] = ENDINGS.find((row) => row[1] === coding && row[0].test(inside)) ?? [];
    const shorter = ending === undefined ? inside : inside.replace(ending, '');
    return shorter === '' || shorter.endsWith('/') ? inside : shorter;
  }, name);
}

/** The file of which a name is a compressed copy, and how: `app.js` in `br` for `app.js.br`. Only the three usual endings count. */
export function copyNamed(name: string): { readonly plain: string; readonly encoding: Encoding } | undefined {
  const dot = name.lastIndexOf('.');
  const encoding = COPY_ENDINGS[name.slice(dot + 1)];
  if (encoding === undefined || dot <= name.lastIndexOf('/') + 1) return undefined;
  return { plain: name.slice(0, dot), encoding };
}

const COPY_ENDINGS: Readonly<Partial<Record<string, Encoding>>> = { gz: 'gzip', br: 'br', zst: 'zstd' };

/**
 * The coding that first bytes show; undefined where they show none, which for `br` is always: it has no magic number.
 * @see https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
 */
export function codingOfBytes(bytes: Uint8Array): 'gzip' | 'zstd' | undefined {
  // 8 is the only compression method that exists.
  if (bytes[0] === 0x1f) return bytes[1] === 0x8b && bytes[2] === 8 ? 'gzip' : undefined;
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd ? 'zstd' : undefined;
}

/** Whether first bytes prove that they are not in this coding. */
export function cannotBe(coding: string, bytes: Uint8Array): boolean {
  if (coding === 'gzip') return !(bytes[0] === 0x1f && bytes[1] === 0x8b);
  // A frame, or one that decoders skip.
  const skippable = bytes[0] !== undefined && (bytes[0] & 0xf0) === 0x50 && bytes[1] === 0x2a && bytes[2] === 0x4d;
  return coding === 'zstd' && codingOfBytes(bytes) !== 'zstd' && !skippable;
}
