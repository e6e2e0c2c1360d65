import { S3RequestError } from '../../errors.js';
import type { CopyAnswer, GotObject } from '../bucket.js';
import type { Call } from '../errors.js';
import { isEncrypted, type ResponseHeader, unquoted } from '../integrity.js';
import { unusableResponse } from './listing.js';
import { errorInBody } from './object.js';
import { elements, elementText } from './xml.js';

const ERROR = /<Error[\s>]/;
const WHOLE_OBJECT = /<\/CopyObjectResult>\s*$/;
const WHOLE_PART = /<\/CopyPartResult>\s*$/;
const PLAIN_ETAG = /<ETag>(?:&quot;|&#34;|")([^&"<]+)(?:&quot;|&#34;|")<\/ETag>/;

/**
 * Reads the response to a copy with status 200. S3 sends the 200 before it has copied, so the document may name an error; and a truncated document
 * proves nothing. Throws `S3RequestError` for both.
 */
export function copyAnswer(call: Call, header: ResponseHeader, body: string): CopyAnswer {
  if (ERROR.test(body)) throw errorInBody(call, body);
  const whole = call.verb === 'CopyObject' ? WHOLE_OBJECT : WHOLE_PART;
  if (!whole.test(body)) throw unusableResponse(call, 'does not describe a copy');
  // Nearly every response has exactly this form, and there is one response per object.
  const etag = PLAIN_ETAG.exec(body)?.[1] ?? unquoted(read(call, body, 'ETag'));
  return { etag, encrypted: isEncrypted(header), attempts: 1, requestId: header('x-amz-request-id') };
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
  if (!/<\/Tagging>\s*$|<Tagging[^>]*\/>\s*$/.test(body)) throw unusableResponse(call, 'is not a list of tags');
  const tags: Record<string, string> = {};
  for (const tag of each(call, body, 'Tag')) tags[read(call, tag, 'Key') ?? ''] = read(call, tag, 'Value') ?? '';
  return tags;
}

/** The permissions of an ACL, and the headers that grant them. */
const GRANTS: Readonly<Record<string, string>> = {
  FULL_CONTROL: 'x-amz-grant-full-control',
  READ: 'x-amz-grant-read',
  READ_ACP: 'x-amz-grant-read-acp',
  WRITE_ACP: 'x-amz-grant-write-acp',
};

/** The grants in a GetObjectAcl document, as headers: to accounts by id, to groups by URI. */
export function grantsIn(call: Call, body: string): Record<string, string> {
  if (!/<\/AccessControlPolicy>\s*$/.test(body)) throw unusableResponse(call, 'is not an ACL');
  const granted: Record<string, string[]> = {};
  for (const grant of each(call, body, 'Grant')) {
    const header = GRANTS[read(call, grant, 'Permission') ?? ''];
    const uri = read(call, grant, 'URI');
    const id = read(call, grant, 'ID');
    if (header === undefined || (uri ?? id) === undefined) continue;
    granted[header] ??= [];
    granted[header].push(uri === undefined ? `id="${id}"` : `uri="${uri}"`);
  }
  return Object.fromEntries(Object.entries(granted).map(([header, grantees]) => [header, grantees.join(', ')]));
}

function read(call: Call, xml: string, name: string): string | undefined {
  try {
    return elementText(xml, name);
  } catch (error) {
    throw unreadable(call, error);
  }
}

function* each(call: Call, xml: string, name: string): Generator<string, void> {
  try {
    yield* elements(xml, name);
  } catch (error) {
    throw unreadable(call, error);
  }
}

function unreadable(call: Call, error: unknown): unknown {
  if (error instanceof S3RequestError || !(error instanceof SyntaxError)) return error;
  return unusableResponse(call, `cannot be read: ${error.message}`);
}
