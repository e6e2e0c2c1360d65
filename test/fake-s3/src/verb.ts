/** S3's operations by their API names; `Unsupported` is anything else. */
export type Verb =
  | 'ListBuckets'
  | 'CreateBucket'
  | 'HeadBucket'
  | 'DeleteBucket'
  | 'ListObjects'
  | 'ListObjectsV2'
  | 'ListMultipartUploads'
  | 'ListObjectVersions'
  | 'DeleteObjects'
  | 'PutObject'
  | 'CopyObject'
  | 'GetObject'
  | 'HeadObject'
  | 'GetObjectTagging'
  | 'GetObjectAcl'
  | 'ListObjectAnnotations'
  | 'GetObjectAnnotation'
  | 'PutObjectAnnotation'
  | 'PutObjectTagging'
  | 'DeleteObjectTagging'
  | 'DeleteObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'ListParts'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'Unsupported';

/** Query parameters of subresources that this server does not support. */
const SUBRESOURCES = new Set(
  (
    'accelerate acl analytics annotation attributes cors encryption intelligent-tiering inventory legal-hold lifecycle ' +
    'location logging metadataTable metrics notification object-lock ownershipControls policy policyStatus ' +
    'publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent ' +
    'versionId versioning versions website'
  ).split(' '),
);

/** Subresources of an object, by their methods. */
const OF_OBJECT: Readonly<Record<string, Readonly<Record<string, Verb>>>> = {
  tagging: { GET: 'GetObjectTagging', PUT: 'PutObjectTagging', DELETE: 'DeleteObjectTagging' },
  acl: { GET: 'GetObjectAcl' },
};

type Query = ReadonlyMap<string, string>;

/** The operation of a request. */
export function verbOf(method: string, bucket: string, key: string, query: Query, isCopy: boolean): Verb {
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : 'Unsupported';
  const multipart = key === '' ? bucketUploads(method, query) : objectUploads(method, query, isCopy);
  if (multipart !== undefined) return multipart;
  if (key !== '' && query.has('annotation')) return annotationVerb(method, query);
  const isRead = key !== '' && (method === 'GET' || method === 'HEAD');
  for (const name of query.keys()) {
    if (!SUBRESOURCES.has(name) || (isRead && name === 'versionId')) continue;
    return key === '' ? 'Unsupported' : (OF_OBJECT[name]?.[method] ?? 'Unsupported');
  }
  if (query.has('partNumber') && method !== 'GET' && method !== 'HEAD') return 'Unsupported';
  return key === '' ? bucketVerb(method, query) : objectVerb(method, isCopy);
}

function annotationVerb(method: string, query: Query): Verb {
  if (method === 'GET') return query.has('annotationName') ? 'GetObjectAnnotation' : 'ListObjectAnnotations';
  return method === 'PUT' ? 'PutObjectAnnotation' : 'Unsupported';
}

function bucketUploads(method: string, query: Query): Verb | undefined {
  if (method === 'GET' && query.has('uploads')) return 'ListMultipartUploads';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (method === 'GET' && query.has('versions')) return 'ListObjectVersions';
  return undefined;
}

function objectUploads(method: string, query: Query, isCopy: boolean): Verb | undefined {
  if (method === 'POST' && query.has('uploads')) return 'CreateMultipartUpload';
  if (!query.has('uploadId')) return undefined;
  if (method === 'PUT') return isCopy ? 'UploadPartCopy' : 'UploadPart';
  if (method === 'GET') return 'ListParts';
  if (method === 'POST') return 'CompleteMultipartUpload';
  return method === 'DELETE' ? 'AbortMultipartUpload' : 'Unsupported';
}

function bucketVerb(method: string, query: Query): Verb {
  if (method === 'PUT') return 'CreateBucket';
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'DELETE') return 'DeleteBucket';
  if (method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  return 'Unsupported';
}

function objectVerb(method: string, isCopy: boolean): Verb {
  if (method === 'PUT') return isCopy ? 'CopyObject' : 'PutObject';
  if (method === 'GET') return 'GetObject';
  if (method === 'HEAD') return 'HeadObject';
  return method === 'DELETE' ? 'DeleteObject' : 'Unsupported';
}
