import { S3RequestError } from '../../errors.js';
import type { HeaderMap } from '../../options/types.js';
import type { Bucket, ObjectAcl } from '../../s3/bucket.js';

/** Grants that nothing must be sent for: a new object has no others. */
export const NO_GRANTS: HeaderMap = {};

/** The ACLs of a bucket's objects, which a new object in the place of one would not have. */
export interface ObjectAcls {
  /** The grants of an object, as headers. Undefined where they may not be read and it may have some. */
  of(key: string): Promise<HeaderMap | undefined>;
  /** Whether they can be kept, as the first response of the run shows it. */
  canBeKept(key: string): Promise<boolean>;
  /** Takes that the bucket refuses ACLs. */
  areDisabled(): void;
  /** The grants, unless ACLs turned out to be disabled meanwhile. */
  still(grants: HeaderMap): HeaderMap;
}

/** Whether a response to GetObjectAcl says that there are no ACLs. Any other 400 may be about this request alone. */
function isWithoutAcls({ status, code }: S3RequestError): boolean {
  return status === 501 || status === 405 || (status === 400 && (code === 'NotImplemented' || code === ACLS_DISABLED));
}

const ACLS_DISABLED = 'AccessControlListNotSupported';

export function objectAcls(bucket: Bucket, signal: AbortSignal): ObjectAcls {
  let seen: 'readable' | 'none' | 'denied' | undefined;
  let first: Promise<unknown> | undefined;

  async function grantsOf(key: string): Promise<HeaderMap | undefined> {
    if (seen === 'none') return NO_GRANTS;
    if (seen === 'denied') return undefined;
    let acl: ObjectAcl;
    try {
      acl = await bucket.objectAcl({ key }, signal);
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      // The write shows that it is gone.
      if (error.status === 404) return NO_GRANTS;
      if (isWithoutAcls(error)) seen = 'none';
      else if (error.status === 403) seen ??= 'denied';
      else throw error;
      return seen === 'none' ? NO_GRANTS : undefined;
    }
    seen ??= 'readable';
    return acl.isPrivate ? NO_GRANTS : acl.grants;
  }

  return {
    of: grantsOf,
    async canBeKept(key) {
      if (seen === undefined) {
        first ??= grantsOf(key).finally(() => (first = undefined));
        await first;
      }
      return seen !== 'denied';
    },
    areDisabled() {
      seen = 'none';
    },
    still: (grants) => (seen === 'none' ? NO_GRANTS : grants),
  };
}
