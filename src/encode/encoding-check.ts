import { cannotBe, codingOfBytes, codingsOf } from '../model/encodings.js';
import { bareType } from '../options/common.js';
import type { HeaderMap } from '../options/types.js';
import { hasEncodedName, isCompressedType, isCompressible } from './compression.js';

/** What the first bytes of an object say about its `Content-Encoding`. */
export type EncodingVerdict =
  | { readonly is: 'right' }
  /** The bytes are in this coding, and the header must say so. */
  | { readonly is: 'missing'; readonly coding: string }
  /** They are, but nothing shows that whoever reads the object expects that to be undone. */
  | { readonly is: 'odd'; readonly coding: string }
  /** The header names this coding, and the bytes are not in it: no browser can decode them. */
  | { readonly is: 'wrong'; readonly coding: string };

const RIGHT: EncodingVerdict = { is: 'right' };

/**
 * Whether bytes and header agree. Only `gzip` and `zstd` can be checked, as bytes in `br` look like any. Of several codings the last one counts.
 * A type that is worth compressing shows that what is inside is meant, as in `data.json` or `logo.svgz`; a name such as `app.js.gz`, or a type such as
 * application/gzip, that the compressed file itself is.
 * @param bytes the first ones; without any nothing is checked
 * @param key whose ending counts as its name
 */
export function checkEncoding(headers: HeaderMap, key: string, bytes: Uint8Array): EncodingVerdict {
  if (bytes.length === 0) return RIGHT;
  const given = headers['content-encoding'];
  if (given === undefined) {
    const coding = codingOfBytes(bytes);
    return coding === undefined ? RIGHT : ofPlain(coding, headers['content-type'] ?? '', key);
  }
  const coding = codingsOf(given).at(-1);
  return coding !== undefined && cannotBe(coding, bytes) ? { is: 'wrong', coding } : RIGHT;
}

/** Endings of compressed files of which what is inside is meant. */
const MEANS_INSIDE = /\.svgz$/i;

function ofPlain(coding: string, contentType: string, key: string): EncodingVerdict {
  const type = bareType(contentType);
  if ((hasEncodedName(key) && !MEANS_INSIDE.test(key)) || isCompressedType(type) || SAYS_SO.test(type)) return RIGHT;
  return { is: isCompressible(type) ? 'missing' : 'odd', coding };
}

/** Types that are not in the list of compressed ones, but say themselves that they are. */
const SAYS_SO = /gzip|zstd|compress/;

/**
 * Whether the first bytes may change or refuse the headers, so that they must be read before these are sent: for all others a look at bytes that are
 * in memory anyway is enough.
 */
export function encodingNeedsBytes(headers: HeaderMap): boolean {
  return headers['content-encoding'] !== undefined || isCompressible(bareType(headers['content-type'] ?? ''));
}
