import type { Call } from '../errors.js';
import { unquoted } from '../integrity.js';
import type { ObjectVersion, VersionsMarker, VersionsPage } from '../object-versions.js';
import { unusableResponse } from './document.js';
import { rootNamed, urlDecoded } from './listing.js';
import { decoded, detachStrings, eachChild, isTrue, numberIn } from './xml.js';

type Texts = Record<string, string>;

/** Reads a page of ListObjectVersions. Throws `S3RequestError` if it is unusable, `SyntaxError` if it is truncated. */
export function versionsPage(call: Call, xml: string, after: VersionsMarker | undefined): VersionsPage {
  const root = rootNamed(xml, 'ListVersionsResult');
  if (root === undefined) throw unusableResponse(call, 'is not a listing of versions');
  const page: Texts = {};
  const found: Texts[] = [];
  eachChild(xml, root.start, root.end, (name, start, end) => {
    if (name === 'Version') found.push(textsIn(xml, start, end));
    else if (name !== 'DeleteMarker' && name !== 'CommonPrefixes') page[name] = decoded(xml.slice(start, end));
  });
  const decode = page.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  try {
    const versions = withOwnStrings(found, decode);
    if (!isTrue(page.IsTruncated)) return { versions, next: undefined };
    const key = decode(page.NextKeyMarker ?? '');
    const versionId = page.NextVersionIdMarker === '' ? undefined : page.NextVersionIdMarker;
    // Sending the marker of the request again would never end.
    if (key === '' || (key === after?.key && versionId === after.versionId))
      throw unusableResponse(call, 'is truncated without a usable marker of the next page');
    return { versions, next: { key, versionId } };
  } catch (error) {
    throw error instanceof URIError ? unusableResponse(call, 'names a key that cannot be decoded') : error;
  }
}

function withOwnStrings(found: readonly Texts[], decode: (key: string) => string): readonly ObjectVersion[] {
  const keys = detachStrings(found.map(({ Key = '' }) => decode(Key)));
  const ids = detachStrings(found.map(({ VersionId = '' }) => VersionId));
  const etags = detachStrings(found.map(({ ETag }) => unquoted(ETag) ?? ''));
  return found.map(({ Size, IsLatest }, index) => ({
    key: keys[index] ?? '',
    versionId: ids[index] || 'null',
    size: numberIn('Size', Size),
    etag: etags[index] || undefined,
    isLatest: isTrue(IsLatest),
  }));
}

function textsIn(xml: string, from: number, to: number): Texts {
  const texts: Texts = {};
  eachChild(xml, from, to, (name, start, end) => {
    texts[name] = decoded(xml.slice(start, end));
  });
  return texts;
}
