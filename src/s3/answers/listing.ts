import { S3RequestError } from '../../errors.js';
import type { ListPage } from '../bucket.js';
import { type Call, isNotS3, notS3Response } from '../errors.js';
import { unquoted } from '../integrity.js';
import { decoded, detachStrings, eachChild } from './xml.js';

/** A page of ListObjectsV2 as it was answered, keys still as the answer writes them. */
export interface Listed {
  readonly Name?: string | undefined;
  readonly KeyCount?: number | undefined;
  readonly EncodingType?: string | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
  readonly Contents?: readonly ListedObject[] | undefined;
  readonly CommonPrefixes?: readonly ListedPrefix[] | undefined;
  /** It is no document of S3 at all. */
  readonly foreign?: boolean | undefined;
}

interface ListedObject {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly ChecksumType?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly StorageClass?: string | undefined;
}

interface ListedPrefix {
  readonly Prefix?: string | undefined;
}

/** The page that an answer holds. Throws `S3RequestError` where it holds none that can be relied on. */
export function pageOf(call: Call, answer: Listed, askedWith: string | undefined): ListPage {
  const { Name, KeyCount, Contents, CommonPrefixes } = answer;
  if (Name === undefined && KeyCount === undefined && Contents === undefined && CommonPrefixes === undefined)
    throw answer.foreign === true ? notS3Response(call) : unusable(call, 'is not a listing');
  // Taking such a page for the last one would call every later key absent; asking with its token again would never end.
  const { NextContinuationToken: next } = answer;
  if (answer.IsTruncated === true && (next === undefined || next === '' || next === askedWith))
    throw unusable(call, 'ends without saying where to go on');
  // Some servers ignore the wish for encoded keys and say so by leaving it out of the answer.
  const decode = answer.EncodingType === 'url' ? urlDecoded : (key: string) => key;
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
        modified: timeOf(object.LastModified),
        storageClass: object.StorageClass === undefined ? undefined : classOf.get(object.StorageClass),
      })),
      prefixes: detachStrings((CommonPrefixes ?? []).map(({ Prefix = '' }) => decode(Prefix))),
      continuationToken: answer.IsTruncated === true ? token : undefined,
    };
  } catch {
    throw unusable(call, 'names a key that cannot be decoded');
  }
}

/** A 200 that does not hold what was asked for. */
export function unusable(call: Call, what: string): S3RequestError {
  const name = call.key === undefined ? call.bucket : `${call.bucket}/${call.key}`;
  return new S3RequestError(`${call.verb} s3://${name}: the answer ${what}`, {
    ...call,
    code: 'TruncatedAnswer',
    status: 200,
  });
}

/** Listings write a space as `+` and a plus as `%2B`. */
export function urlDecoded(key: string): string {
  return /[%+]/.test(key) ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

/** Reads the document of ListObjectsV2. Throws `SyntaxError` where it is cut off. */
export function parseListing(xml: string): Listed {
  if (!/<\/ListBucketResult>\s*$/.test(xml)) {
    if (xml.includes('<ListBucketResult')) throw new SyntaxError('the listing does not end');
    return { foreign: isNotS3(xml) };
  }
  const objects: ListedObject[] = [];
  const prefixes: ListedPrefix[] = [];
  const said: { -readonly [Name in keyof Listed]: Listed[Name] } = { Contents: objects, CommonPrefixes: prefixes };
  const from = xml.indexOf('>', xml.indexOf('<ListBucketResult')) + 1;
  eachChild(xml, from, xml.lastIndexOf('</ListBucketResult>'), (name, start, end) => {
    if (name === 'Contents') objects.push(listedObject(xml, start, end));
    else if (name === 'CommonPrefixes') prefixes.push(listedPrefix(xml, start, end));
    else if (name === 'Name' || name === 'EncodingType' || name === 'NextContinuationToken')
      said[name] = textOf(xml, start, end);
    else if (name === 'KeyCount') said.KeyCount = Number(textOf(xml, start, end));
    else if (name === 'IsTruncated') said.IsTruncated = textOf(xml, start, end) === 'true';
  });
  return said;
}

function listedObject(xml: string, from: number, to: number): ListedObject {
  let Key: string | undefined;
  let Size: number | undefined;
  let ETag: string | undefined;
  let ChecksumType: string | undefined;
  let LastModified: Date | undefined;
  let StorageClass: string | undefined;
  // What else there is, such as Owner with elements of its own, is passed by as a whole.
  eachChild(xml, from, to, (name, start, end) => {
    if (name === 'Key') Key = textOf(xml, start, end);
    else if (name === 'Size') Size = Number(textOf(xml, start, end));
    else if (name === 'ETag') ETag = textOf(xml, start, end);
    else if (name === 'ChecksumType') ChecksumType = textOf(xml, start, end);
    else if (name === 'LastModified') LastModified = new Date(textOf(xml, start, end));
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

const textOf = (xml: string, start: number, end: number): string => decoded(xml.slice(start, end));

/** Undefined where there is none, or what is no time. */
function timeOf(date: Date | undefined): number | undefined {
  const time = date?.getTime();
  return time === undefined || Number.isNaN(time) ? undefined : time;
}
