import { S3RequestError } from '../../errors.js';
import type { CopyAnswer, GotObject } from '../bucket.js';
import type { Call } from '../errors.js';
import { type AnswerHeader, isEncrypted, unquoted } from '../integrity.js';
import { unusable } from './listing.js';
import { errorInside } from './object.js';
import { elements, elementText } from './xml.js';

const ERROR = /<Error[\s>]/;
const WHOLE_OBJECT = /<\/CopyObjectResult>\s*$/;
const WHOLE_PART = /<\/CopyPartResult>\s*$/;
const PLAIN_ETAG = /<ETag>(?:&quot;|&#34;|")([0-9a-f-]+)(?:&quot;|&#34;|")<\/ETag>/;

/**
 * What the answer to a copy with status 200 says. S3 answers 200 before it has copied, and then the document names the error, if any; one that
 * does not end says nothing. Throws `S3RequestError` for both.
 */
export function copyAnswer(call: Call, header: AnswerHeader, body: string): CopyAnswer {
  if (ERROR.test(body)) throw errorInside(call, body);
  const whole = call.verb === 'CopyObject' ? WHOLE_OBJECT : WHOLE_PART;
  if (!whole.test(body)) throw unusable(call, 'is about no copy');
  // Nearly every answer has it just so, and there are as many answers as objects.
  const etag = PLAIN_ETAG.exec(body)?.[1] ?? unquoted(read(call, body, 'ETag'));
  return { etag, encrypted: isEncrypted(header), attempts: 1, requestId: header('x-amz-request-id') };
}

/** @param wanted bytes that were asked for; undefined for all of them */
export function gotObject(call: Call, got: GotObject, wanted: number | undefined): GotObject {
  const { headers, body } = got;
  if (headers['last-modified'] === undefined && headers.etag === undefined)
    throw unusable(call, 'is not about an object');
  if (wanted !== undefined && body.length !== wanted)
    throw unusable(call, `has ${body.length} of the ${wanted} bytes that were asked for`);
  return got;
}

/** The tags in the document of GetObjectTagging. */
export function tagsIn(call: Call, body: string): Record<string, string> {
  if (!/<\/Tagging>\s*$|<Tagging[^>]*\/>\s*$/.test(body)) throw unusable(call, 'holds no tags');
  const tags: Record<string, string> = {};
  for (const tag of each(call, body, 'Tag')) tags[read(call, tag, 'Key') ?? ''] = read(call, tag, 'Value') ?? '';
  return tags;
}

/** Permissions of an ACL, and the headers that grant them. */
const GRANTS: Readonly<Record<string, string>> = {
  FULL_CONTROL: 'x-amz-grant-full-control',
  READ: 'x-amz-grant-read',
  READ_ACP: 'x-amz-grant-read-acp',
  WRITE_ACP: 'x-amz-grant-write-acp',
};

/** The grants in the document of GetObjectAcl, as headers: those to accounts by id, and those to groups by URI. */
export function grantsIn(call: Call, body: string): Record<string, string> {
  if (!/<\/AccessControlPolicy>\s*$/.test(body)) throw unusable(call, 'holds no ACL');
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
  return unusable(call, `cannot be read: ${error.message}`);
}
