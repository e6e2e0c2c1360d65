import type { ListPage } from '../bucket.js';
import type { Call } from '../errors.js';
import { unquoted } from '../integrity.js';
import { unusableResponse } from './document.js';
import {
  decoded,
  detachStrings,
  eachChild,
  eachPlainChild,
  isTrue,
  numberIn,
  type Root,
  rootName,
  rootOf,
  timeIn,
} from './xml.js';

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
  const visit = (name: string, start: number, end: number): void => {
    if (name === 'Contents') objects.push(listedObject(xml, start, end));
    else if (name === 'CommonPrefixes') prefixes.push(listedPrefix(xml, start, end));
    else if (name === 'Name' || name === 'EncodingType' || name === 'NextContinuationToken')
      page[name] = textOf(xml, start, end);
    else if (name === 'KeyCount') page.KeyCount = numberIn(name, textOf(xml, start, end));
    else if (name === 'IsTruncated') page.IsTruncated = isTrue(textOf(xml, start, end));
  };
  let object = emptyObject();
  const visitOfObject = (name: string, start: number, end: number): void => take(object, xml, name, start, end);
  eachChild(xml, root.start, root.end, visit, (name, start) => {
    if (name !== 'Contents') return -1;
    object = emptyObject();
    const end = eachPlainChild(xml, start, name, visitOfObject);
    if (end >= 0) objects.push(object);
    return end;
  });
  return page;
}

type ObjectFields = { -readonly [Name in keyof ListedObject]: ListedObject[Name] };

const emptyObject = (): ObjectFields => ({
  Key: undefined,
  Size: undefined,
  ETag: undefined,
  ChecksumType: undefined,
  LastModified: undefined,
  StorageClass: undefined,
});

function listedObject(xml: string, from: number, to: number): ListedObject {
  const object = emptyObject();
  // Other elements, such as Owner with elements of its own, are skipped as a whole.
  eachChild(xml, from, to, (name, start, end) => take(object, xml, name, start, end));
  return object;
}

function take(object: ObjectFields, xml: string, name: string, start: number, end: number): void {
  if (name === 'Key') object.Key = textOf(xml, start, end);
  else if (name === 'Size') object.Size = numberIn(name, textOf(xml, start, end));
  else if (name === 'ETag') object.ETag = textOf(xml, start, end);
  else if (name === 'ChecksumType') object.ChecksumType = textOf(xml, start, end);
  else if (name === 'LastModified') object.LastModified = timeIn(textOf(xml, start, end));
  else if (name === 'StorageClass') object.StorageClass = textOf(xml, start, end);
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
