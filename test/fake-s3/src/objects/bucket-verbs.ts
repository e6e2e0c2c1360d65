import { S3Error } from '../http/error.js';
import { header } from '../http/request.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { S3Mode } from '../mode.js';
import type { BucketOperation, ServiceOperation } from '../operation.js';

export const listBuckets: ServiceOperation = {
  run({ store }) {
    const names = [...store.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const buckets = names.map(
      ({ name, created }) =>
        `<Bucket>${element('Name', name)}${element('CreationDate', new Date(created).toISOString())}</Bucket>`,
    );
    const owner = `<Owner>${element('ID', '0'.repeat(64))}</Owner>`;
    const body = `${XML_HEAD}<ListAllMyBucketsResult xmlns="${XML_NAMESPACE}">${owner}<Buckets>${buckets.join('')}</Buckets></ListAllMyBucketsResult>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  },
};

const NAME = /^(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const createBucket: ServiceOperation = {
  run({ request, store, mode, body }) {
    const { bucket } = request;
    if (!NAME.test(bucket)) throw new S3Error('InvalidBucketName', { BucketName: bucket });
    const region = locationOf(body.toString(), mode.region);
    if (store.buckets.has(bucket)) {
      // In us-east-1, creating one's own bucket again succeeds.
      if (mode.region !== 'us-east-1') throw new S3Error('BucketAlreadyOwnedByYou', { BucketName: bucket });
    } else {
      const ownership = header(request, 'x-amz-object-ownership') ?? 'BucketOwnerEnforced';
      const acl: Partial<S3Mode> = ownership === 'BucketOwnerEnforced' ? {} : { acl: 'allowed' };
      store.create(bucket, region === mode.region ? acl : { ...acl, region });
    }
    return { status: 200, headers: { location: `/${bucket}` } };
  },
};

/** The region that a CreateBucketConfiguration names. Only us-east-1 creates buckets elsewhere. */
function locationOf(document: string, here: string): string {
  if (document === '') {
    if (here === 'us-east-1') return here;
    const message =
      'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.';
    throw new S3Error('IllegalLocationConstraintException', {}, { message });
  }
  if (!document.includes('<CreateBucketConfiguration')) throw new S3Error('MalformedXML');
  const wanted = /<LocationConstraint[^>]*>([^<]*)</.exec(document)?.[1] ?? here;
  if (wanted !== here && here !== 'us-east-1') throw new S3Error('IllegalLocationConstraintException');
  return wanted;
}

export const headBucket: BucketOperation = {
  run({ mode }) {
    return { status: 200, headers: { 'content-type': 'application/xml', 'x-amz-bucket-region': mode.region } };
  },
};

export const deleteBucket: BucketOperation = {
  run({ store }, bucket) {
    if (bucket.size > 0) throw new S3Error('BucketNotEmpty', { BucketName: bucket.name });
    store.remove(bucket.name);
    return { status: 204, headers: {} };
  },
};
