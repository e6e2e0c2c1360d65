import { S3RequestError } from '../errors.js';
import type { ListPage } from './bucket.js';
import { foreignAnswer, isForeign } from './foreign-answer.js';
import { unquoted } from './integrity.js';
import type { Call } from './request-error.js';
import { elements, elementText } from './xml-text.js';

/** A page of ListObjectsV2 as it was answered, keys still as the answer writes them. */
export interface Listed {
  readonly Name?: string | undefined;
  readonly KeyCount?: number | undefined;
  readonly EncodingType?: string | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
  readonly Contents?: readonly ListedObject[] | undefined;
  /** It is no document of S3 at all. */
  readonly foreign?: boolean | undefined;
}

interface ListedObject {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly ChecksumType?: string | undefined;
}

/** The page that an answer holds. Throws `S3RequestError` where it holds none that can be relied on. */
export function pageOf(call: Call, answer: Listed, askedWith: string | undefined): ListPage {
  if (answer.Name === undefined && answer.KeyCount === undefined && answer.Contents === undefined)
    throw answer.foreign === true ? foreignAnswer(call) : unusable(call, 'is not a listing');
  // Taking such a page for the last one would call every later key absent; asking with its token again would never end.
  const { NextContinuationToken: next } = answer;
  if (answer.IsTruncated === true && (next === undefined || next === '' || next === askedWith))
    throw unusable(call, 'ends without saying where to go on');
  // Some servers ignore the wish for encoded keys and say so by leaving it out of the answer.
  const decode = answer.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  try {
    return {
      objects: (answer.Contents ?? []).map((object) => ({
        key: decode(object.Key ?? ''),
        size: object.Size ?? 0,
        etag: unquoted(object.ETag),
        wholeChecksum: object.ChecksumType === 'FULL_OBJECT',
      })),
      continuationToken: answer.IsTruncated === true ? next : undefined,
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
    return { foreign: isForeign(xml) };
  }
  const objects: ListedObject[] = [];
  for (const object of elements(xml, 'Contents')) objects.push(listedObject(object));
  const rest = xml.slice(0, xml.indexOf('<Contents')) + xml.slice(xml.lastIndexOf('</Contents>'));
  const outside = objects.length === 0 ? xml : rest;
  const count = elementText(outside, 'KeyCount');
  return {
    Name: elementText(outside, 'Name'),
    KeyCount: count === undefined ? undefined : Number(count),
    EncodingType: elementText(outside, 'EncodingType'),
    IsTruncated: elementText(outside, 'IsTruncated') === 'true',
    NextContinuationToken: elementText(outside, 'NextContinuationToken'),
    Contents: objects,
  };
}

function listedObject(xml: string): ListedObject {
  const size = elementText(xml, 'Size');
  return {
    Key: elementText(xml, 'Key'),
    Size: size === undefined ? undefined : Number(size),
    ETag: elementText(xml, 'ETag'),
    ChecksumType: elementText(xml, 'ChecksumType'),
  };
}
