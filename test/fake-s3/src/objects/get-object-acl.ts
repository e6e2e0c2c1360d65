import type { Answer } from '../http/answer.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { BucketOperation } from '../operation.js';
import { versionHeaders } from '../store/versions.js';
import type { ObjectAcl } from './acl.js';
import { findObject } from './find-object.js';

/** A grant to an account's canonical id, or to the URI of a group. */
interface Grant {
  readonly id?: string;
  readonly uri?: string;
  readonly permission: string;
}

const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers';
const AUTHENTICATED = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';
/** Amazon EC2, which `aws-exec-read` lets read. */
const EC2 = '6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c';

/** Grants of canned ACLs besides the owner's; here, the other canned ACLs grant only to the owner. */
const CANNED: Readonly<Record<string, readonly Grant[]>> = {
  'public-read': [{ uri: ALL_USERS, permission: 'READ' }],
  'public-read-write': [
    { uri: ALL_USERS, permission: 'READ' },
    { uri: ALL_USERS, permission: 'WRITE' },
  ],
  'authenticated-read': [{ uri: AUTHENTICATED, permission: 'READ' }],
  'aws-exec-read': [{ id: EC2, permission: 'READ' }],
};

/** GetObjectAcl: returns canned ACLs as their grants. */
export const getObjectAcl: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    const object = findObject(bucket, mode, request.key, request.query.get('versionId'));
    const owner = mode.owner.padEnd(64, '0');
    const enforced: ObjectAcl = { acl: undefined, grants: {} };
    const grants = grantsOf(mode.acl === 'BucketOwnerEnforced' ? enforced : object, owner);
    const body = [
      `${XML_HEAD}<AccessControlPolicy xmlns="${XML_NAMESPACE}">`,
      `<Owner>${element('ID', owner)}</Owner>`,
      `<AccessControlList>${grants.map(grantElement).join('')}</AccessControlList>`,
      '</AccessControlPolicy>',
    ];
    const headers = { 'content-type': 'application/xml', ...versionHeaders(object, mode.versioning) };
    return { status: 200, headers, body: body.join('') };
  },
};

/** Grants by header are the only ones: even the owner has no others. */
function grantsOf({ acl, grants }: ObjectAcl, owner: string): readonly Grant[] {
  const given = Object.entries(grants).flatMap(([name, value]) => headerGrants(name, value));
  if (given.length > 0) return given;
  return [{ id: owner, permission: 'FULL_CONTROL' }, ...(CANNED[acl ?? ''] ?? [])];
}

function headerGrants(name: string, value: string): Grant[] {
  const permission = name.slice('x-amz-grant-'.length).replaceAll('-', '_').toUpperCase();
  return value.split(',').map((grantee) => {
    const [, kind = '', who = ''] = /^\s*(\w+)\s*=\s*"?([^"]*?)"?\s*$/.exec(grantee) ?? [];
    return kind.toLowerCase() === 'uri' ? { uri: who, permission } : { id: who, permission };
  });
}

function grantElement({ id, uri, permission }: Grant): string {
  const type = id === undefined ? 'Group' : 'CanonicalUser';
  const grantee = id === undefined ? element('URI', uri ?? '') : element('ID', id);
  return (
    `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}">${grantee}</Grantee>` +
    `${element('Permission', permission)}</Grant>`
  );
}
