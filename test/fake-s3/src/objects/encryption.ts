import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';

export interface Encryption {
  /** `AES256`, `aws:kms`, `aws:kms:dsse` */
  readonly encryption: string;
  readonly kmsKeyId: string | undefined;
  /** Whether a bucket key takes part. */
  readonly bucketKey?: true;
}

export const DEFAULT_KMS_KEY = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** How a put is encrypted: by its headers, else by its bucket's default. */
export function readEncryption(request: S3Request, mode: S3Mode): Encryption {
  refuseCustomerKeys(request, 'x-amz-');
  const encryption = header(request, 'x-amz-server-side-encryption') ?? (mode.kms ? 'aws:kms' : 'AES256');
  if (!['AES256', 'aws:kms', 'aws:kms:dsse'].includes(encryption)) {
    const details = { ArgumentName: 'x-amz-server-side-encryption', ArgumentValue: encryption };
    throw new S3Error('InvalidArgument', details, { message: 'The encryption method specified is not supported' });
  }
  const keyId = header(request, 'x-amz-server-side-encryption-aws-kms-key-id');
  const isKms = encryption !== 'AES256';
  if (keyId !== undefined && !isKms) {
    const details = { ArgumentName: 'x-amz-server-side-encryption', ArgumentValue: encryption };
    const message =
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms';
    throw new S3Error('InvalidArgument', details, { message });
  }
  const bucketKey = isKms && header(request, 'x-amz-server-side-encryption-bucket-key-enabled') === 'true';
  return {
    encryption,
    kmsKeyId: isKms ? (keyId ?? DEFAULT_KMS_KEY) : undefined,
    ...(bucketKey && { bucketKey }),
  };
}

/** Refuses customer keys: S3 allows them only over HTTPS, and this server does not support them at all. */
export function refuseCustomerKeys(request: S3Request, prefix: 'x-amz-' | 'x-amz-copy-source-'): void {
  if (header(request, `${prefix}server-side-encryption-customer-algorithm`) === undefined) return;
  const message =
    'Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.';
  throw new S3Error('InvalidRequest', {}, { message });
}

/** The encryption headers in responses to PUT, HEAD and GET. */
export function encryptionHeaders(object: Encryption): Record<string, string | undefined> {
  return {
    'x-amz-server-side-encryption': object.encryption,
    'x-amz-server-side-encryption-aws-kms-key-id': object.kmsKeyId,
    'x-amz-server-side-encryption-bucket-key-enabled': object.bucketKey === true ? 'true' : undefined,
  };
}
