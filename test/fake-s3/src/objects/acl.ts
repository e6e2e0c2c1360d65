import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';

const CANNED = new Set([
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
]);

const GRANTS = [
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
  'x-amz-grant-write',
];

export interface ObjectAcl {
  /** Canned ACL; undefined when none was sent. */
  readonly acl: string | undefined;
  /** `x-amz-grant-*` headers by name. */
  readonly grants: Readonly<Record<string, string>>;
}

const NO_GRANTS: Readonly<Record<string, string>> = {};

/** Reads the ACL that a put requests; throws S3's error if the bucket refuses it. */
export function readAcl(request: S3Request, mode: S3Mode): ObjectAcl {
  const acl = header(request, 'x-amz-acl');
  let grants = NO_GRANTS;
  for (const name of GRANTS) {
    const value = header(request, name);
    if (value === undefined) continue;
    grants = { ...grants, [name]: checkGrant(name, value) };
  }
  if (acl !== undefined && !CANNED.has(acl)) {
    throw new S3Error('InvalidArgument', { ArgumentName: 'x-amz-acl', ArgumentValue: acl });
  }
  if (acl !== undefined && grants !== NO_GRANTS) {
    const message = 'Specifying both Canned ACLs and Header Grants is not allowed';
    throw new S3Error('InvalidRequest', {}, { message });
  }
  const asksForMore = grants !== NO_GRANTS || (acl !== undefined && acl !== 'bucket-owner-full-control');
  if (mode.acl === 'BucketOwnerEnforced' && asksForMore) throw new S3Error('AccessControlListNotSupported');
  return { acl, grants };
}

function checkGrant(name: string, value: string): string {
  for (const grantee of value.split(',')) {
    const kind = /^\s*(\w+)\s*=\s*"?[^"]+"?\s*$/.exec(grantee)?.[1]?.toLowerCase();
    // Grants to email addresses ended in October 2025.
    if (kind === 'emailaddress') throw new S3Error('MethodNotAllowed');
    if (kind !== 'id' && kind !== 'uri') {
      const details = { ArgumentName: name, ArgumentValue: value };
      throw new S3Error('InvalidArgument', details, { message: 'Argument format not recognized' });
    }
  }
  return value;
}
