import { UsageError } from '../errors.js';
import { oneOf } from '../option-checks.js';
import { type HeaderMap, type PutOptions, SSE_METHODS } from '../put-options.js';

export const SSE = 'x-amz-server-side-encryption';
export const KMS_KEY: string = `${SSE}-aws-kms-key-id`;
const CUSTOMER = `${SSE}-customer-`;

/**
 * The headers that the options `sse` and `sseKmsKeyId` stand for.
 * @throws UsageError for an unknown method
 */
export function encryptionHeaders({
  sse,
  sseKmsKeyId,
}: Pick<PutOptions, 'sse' | 'sseKmsKeyId'>): Record<string, string> {
  return {
    ...(sse !== undefined && { [SSE]: oneOf('sse', sse, SSE_METHODS) }),
    ...(sseKmsKeyId !== undefined && { [KMS_KEY]: sseKmsKeyId }),
  };
}

/**
 * Refuses what S3 would refuse for every object: a KMS key without KMS encryption, or a customer's key beside either.
 * @param keyName how the key was given
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html
 * @throws UsageError that names the fix
 */
export function checkEncryption(headers: HeaderMap, keyName: string = `"${KMS_KEY}"`): void {
  const { [SSE]: sse, [KMS_KEY]: key } = headers;
  if (sse === undefined && key === undefined) return;
  if (key !== undefined && !isKms(sse)) {
    throw new UsageError(
      `${keyName} names a KMS key, but the encryption asked for is ${sse === undefined ? "the bucket's own" : JSON.stringify(sse)}.`,
      KMS_FIX,
    );
  }
  const customer = Object.keys(headers).find(isCustomer);
  if (customer !== undefined) {
    throw new UsageError(
      `The encryption ${JSON.stringify(sse)} and a key of your own ("${customer}") exclude each other.`,
      'S3 takes one of the two: give one.',
    );
  }
}

/**
 * The inherited headers that may stand beside an item's own encryption: another method or a customer's key takes the
 * place of all that belongs to the inherited one, while `aws:kms` and `aws:kms:dsse` can share a key.
 */
export function withoutReplacedEncryption(inherited: HeaderMap, own: HeaderMap): HeaderMap {
  const method = own[SSE];
  const customer = Object.keys(own).some(isCustomer);
  if (method === undefined && !customer) return inherited;
  const replaced = (name: string): boolean => {
    if (!name.startsWith(SSE)) return false;
    return customer ? !isCustomer(name) : isCustomer(name) || !isKms(method);
  };
  return Object.fromEntries(Object.entries(inherited).filter(([name]) => !replaced(name)));
}

/** What to do about a KMS key that nothing uses. */
export const KMS_FIX: string = 'Set sse to "aws:kms" or "aws:kms:dsse" too, or leave the key out.';

/** Ask these headers for encryption by KMS? */
export function asksForKms({ [SSE]: method }: HeaderMap): boolean {
  return isKms(method);
}

function isKms(method: string | undefined): boolean {
  return method?.startsWith('aws:kms') ?? false;
}

function isCustomer(name: string): boolean {
  return name.startsWith(CUSTOMER);
}
