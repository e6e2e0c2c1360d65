import type { AnnotationsPage, CopyAnswer, GotObject, ObjectAcl } from '../bucket.js';
import type { Call } from '../errors.js';
import { isEncrypted, type ResponseHeader, unquoted } from '../integrity.js';
import { errorInBody, reading, unusableResponse } from './document.js';
import { elements, elementText, rootName, rootOf } from './xml.js';

const PLAIN_ETAG = /<ETag>(?:&quot;|&#34;|")([^&"<]+)(?:&quot;|&#34;|")<\/ETag>/;

/**
 * Reads the response to a copy with status 200. S3 sends the 200 before it has copied, so the document may name an error; and a truncated document
 * proves nothing. Throws `S3RequestError` for both.
 */
export function copyAnswer(call: Call, header: ResponseHeader, body: string): CopyAnswer {
  const root = rootName(body);
  if (root === 'Error') throw errorInBody(call, body);
  const expected = call.verb === 'CopyObject' ? 'CopyObjectResult' : 'CopyPartResult';
  if (root !== expected) throw unusableResponse(call, 'does not describe a copy');
  reading(call, () => rootOf(body));
  // Nearly every response has exactly this form, and there is one response per object.
  const etag = PLAIN_ETAG.exec(body)?.[1] ?? unquoted(reading(call, () => elementText(body, 'ETag')));
  return {
    etag,
    encrypted: isEncrypted(header),
    versioned: isVersioned(header),
    attempts: 1,
    requestId: header('x-amz-request-id'),
  };
}

/** A bucket whose versioning is suspended names the version `null`, which replaces the one before. */
function isVersioned(header: ResponseHeader): boolean {
  const version = header('x-amz-version-id');
  return version !== undefined && version !== '' && version !== 'null';
}

/**
 * The object of a response to GetObject. Throws `S3RequestError` if it has another size than requested.
 * @param requestedBytes undefined for all of them
 */
export function gotObject(call: Call, got: GotObject, requestedBytes: number | undefined): GotObject {
  const { headers, body } = got;
  if (headers['last-modified'] === undefined && headers.etag === undefined)
    throw unusableResponse(call, 'does not describe an object');
  if (requestedBytes !== undefined && body.length !== requestedBytes)
    throw unusableResponse(call, `has ${body.length} bytes, not the requested ${requestedBytes}`);
  return got;
}

/** The tags in a GetObjectTagging document. */
export function tagsIn(call: Call, body: string): Record<string, string> {
  if (rootName(body) !== 'Tagging') throw unusableResponse(call, 'is not a list of tags');
  return reading(call, () => {
    rootOf(body);
    const tags = [...elements(body, 'Tag')].map((tag) => [
      elementText(tag, 'Key') ?? '',
      elementText(tag, 'Value') ?? '',
    ]);
    // Not by assignment, which would lose a tag that is called `__proto__`.
    return Object.fromEntries(tags) as Record<string, string>;
  });
}

/**
 * The names in a ListObjectAnnotations document. A response that is another document, or repeats its page, is unusable.
 * @param after the token of this page
 */
export function annotationsIn(call: Call, body: string, after: string | undefined): AnnotationsPage {
  if (!/Annotations/.test(rootName(body) ?? '')) throw unusableResponse(call, 'is not a list of annotations');
  return reading(call, () => {
    rootOf(body);
    const names = [...elements(body, 'AnnotationEntry')].map((entry) => elementText(entry, 'AnnotationName') ?? '');
    const next = elementText(body, 'NextContinuationToken') || undefined;
    if (next !== undefined && (next === after || names.length === 0))
      throw unusableResponse(call, 'has a next page that does not advance');
    return { names, next };
  });
}

/** The permissions of an ACL, and the headers that grant them. */
const GRANTS: Readonly<Record<string, string>> = {
  FULL_CONTROL: 'x-amz-grant-full-control',
  READ: 'x-amz-grant-read',
  READ_ACP: 'x-amz-grant-read-acp',
  WRITE_ACP: 'x-amz-grant-write-acp',
};

/** The ACL in a GetObjectAcl document: grants to accounts by id, to groups by URI. */
export function aclIn(call: Call, body: string): ObjectAcl {
  if (rootName(body) !== 'AccessControlPolicy') throw unusableResponse(call, 'is not an ACL');
  return reading(call, () => {
    rootOf(body);
    const granted: Record<string, string[]> = {};
    const [owner] = [...elements(body, 'Owner')].map((one) => elementText(one, 'ID'));
    let isPrivate = owner !== undefined;
    for (const grant of elements(body, 'Grant')) {
      const permission = elementText(grant, 'Permission') ?? '';
      const header = Object.hasOwn(GRANTS, permission) ? GRANTS[permission] : undefined;
      const uri = elementText(grant, 'URI');
      const id = elementText(grant, 'ID');
      isPrivate &&= permission === 'FULL_CONTROL' && id === owner;
      if (header === undefined || (uri ?? id) === undefined) continue;
      granted[header] ??= [];
      granted[header].push(uri === undefined ? `id="${id}"` : `uri="${uri}"`);
    }
    const headers = Object.entries(granted).map(([header, grantees]) => [header, grantees.join(', ')]);
    return { grants: Object.fromEntries(headers) as Record<string, string>, isPrivate };
  });
}
