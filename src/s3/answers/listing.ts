import type { ListPage } from '../bucket.js';
import type { Call } from '../errors.js';
import { unquoted } from '../integrity.js';
import { unusableResponse } from './document.js';
import { decoded, detachStrings, eachChild, isTrue, numberIn, type Root, rootName, rootOf, timeIn } from './xml.js';

/** A page of ListObjectsV2 as received: keys are still encoded. */
export interface ListResponse {
  readonly Name?: string | undefined;
  readonly KeyCount?: number | undefined;
  readonly EncodingType?: string | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
  readonly Contents?: readonly ListedObject[] | undefined;
  readonly CommonPrefixes?: readonly ListedPrefix[] | undefined;
}

interface ListedObject {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly ChecksumType?: string | undefined;
  /** In ms since 1970. */
  readonly LastModified?: number | undefined;
  readonly StorageClass?: string | undefined;
}

interface ListedPrefix {
  readonly Prefix?: string | undefined;
}

/**
 * Reads a page of ListObjectsV2. Throws `S3RequestError` if it is unusable.
 * @param sentToken the continuation token of the request
 */
export function listPage(call: Call, response: ListResponse, sentToken: string | undefined): ListPage {
  const { Name, KeyCount, Contents, CommonPrefixes } = response;
  if (Name === undefined && KeyCount === undefined && Contents === undefined && CommonPrefixes === undefined)
    throw unusableResponse(call, 'is not a listing');
  // If such a page were taken for the last one, every later key would seem absent; sending its token again would never end.
  const { NextContinuationToken: next } = response;
  if (response.IsTruncated === true && (next === undefined || next === '' || next === sentToken))
    throw unusableResponse(call, 'is truncated without a usable continuation token');
  // Without its key, an object would seem absent.
  if (Contents?.some(({ Key }) => Key === undefined) === true)
    throw unusableResponse(call, 'lists an object without a key');
  // Some servers ignore the request for encoded keys; then their response has no EncodingType.
  const decode = response.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  try {
    const objects = Contents ?? [];
    const keys = detachStrings(objects.map(({ Key = '' }) => decode(Key)));
    const etags = detachStrings(objects.map(({ ETag }) => unquoted(ETag) ?? ''));
    const names = new Set(objects.map(({ StorageClass = '' }) => StorageClass));
    const [token, ...classes] = detachStrings([next ?? '', ...names]);
    const classOf = new Map(classes.map((name) => [name, name]));
    return {
      objects: objects.map((object, index) => ({
        key: keys[index] ?? '',
        size: object.Size ?? 0,
        etag: etags[index] === '' ? undefined : etags[index],
        wholeChecksum: object.ChecksumType === 'FULL_OBJECT',
        modified: object.LastModified,
        storageClass: object.StorageClass === undefined ? undefined : classOf.get(object.StorageClass),
      })),
      prefixes: detachStrings((CommonPrefixes ?? []).map(({ Prefix = '' }) => decode(Prefix))),
      continuationToken: response.IsTruncated === true ? token : undefined,
    };
  } catch {
    throw unusableResponse(call, 'names a key that cannot be decoded');
  }
}

/** Decodes a key of a listing, where a space is `+` and a plus is `%2B`. */
export function urlDecoded(key: string): string {
  return /[%+]/.test(key) ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

/** Parses a ListObjectsV2 document. Throws `SyntaxError` if it is truncated, or has something else where a number is due. */
export function parseListing(xml: string): ListResponse {
  const root = rootNamed(xml, 'ListBucketResult');
  if (root === undefined) return {};
  const objects: ListedObject[] = [];
  const prefixes: ListedPrefix[] = [];
  const page: { -readonly [Name in keyof ListResponse]: ListResponse[Name] } = {
    Contents: objects,
    CommonPrefixes: prefixes,
  };
  eachChild(xml, root.start, root.end, (name, start, end) => {
    if (name === 'Contents') objects.push(listedObject(xml, start, end));
    else if (name === 'CommonPrefixes') prefixes.push(listedPrefix(xml, start, end));
    else if (name === 'Name' || name === 'EncodingType' || name === 'NextContinuationToken')
      page[name] = textOf(xml, start, end);
    else if (name === 'KeyCount') page.KeyCount = numberIn(name, textOf(xml, start, end));
    else if (name === 'IsTruncated') page.IsTruncated = isTrue(textOf(xml, start, end));
  });
  return page;
}

function listedObject(xml: string, from: number, to: number): ListedObject {
  let Key: string | undefined;
  let Size: number | undefined;
  let ETag: string | undefined;
  let ChecksumType: string | undefined;
  let LastModified: number | undefined;
  let StorageClass: string | undefined;
  // Other elements, such as Owner with elements of its own, are skipped as a whole.
  eachChild(xml, from, to, (name, start, end) => {
    if (name === 'Key') Key = textOf(xml, start, end);
    else if (name === 'Size') Size = numberIn(name, textOf(xml, start, end));
    else if (name === 'ETag') ETag = textOf(xml, start, end);
    else if (name === 'ChecksumType') ChecksumType = textOf(xml, start, end);
    else if (name === 'LastModified') LastModified = timeIn(textOf(xml, start, end));
    else if (name === 'StorageClass') StorageClass = textOf(xml, start, end);
  });
  return { Key, Size, ETag, ChecksumType, LastModified, StorageClass };
}

function listedPrefix(xml: string, from: number, to: number): ListedPrefix {
  let Prefix: string | undefined;
  eachChild(xml, from, to, (name, start, end) => {
    if (name === 'Prefix') Prefix = textOf(xml, start, end);
  });
  return { Prefix };
}

/** The root of a document of this name; undefined if the document is another one. Throws `SyntaxError` if it does not end. */
export function rootNamed(xml: string, name: string): Root | undefined {
  return rootName(xml) === name ? rootOf(xml) : undefined;
}

const textOf = (xml: string, start: number, end: number): string => decoded(xml.slice(start, end));
