import { S3Error } from './error.js';
import { header, type S3Request } from './request.js';

/** The parsed Authorization header of Signature Version 4. */
export interface Authorization {
  readonly accessKeyId: string;
  /** `date/region/service/aws4_request` */
  readonly scope: string;
  readonly date: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Parses the header. Throws S3's error if it is missing or malformed. */
export function parseAuthorization(request: S3Request): Authorization {
  const text = header(request, 'authorization');
  if (text === undefined) {
    if (request.query.has('X-Amz-Signature'))
      throw new S3Error('NotImplemented', {}, { message: 'Presigned requests' });
    throw new S3Error('AccessDenied');
  }
  if (text.startsWith('AWS ')) {
    const message = `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`;
    throw new S3Error('InvalidRequest', {}, { message });
  }
  if (!text.startsWith(`${ALGORITHM} `)) {
    const details = { ArgumentName: 'Authorization', ArgumentValue: text };
    throw new S3Error('InvalidArgument', details, { message: 'Unsupported Authorization Type' });
  }
  const fields = new Map<string, string>();
  for (const field of text.slice(ALGORITHM.length + 1).split(',')) {
    const equals = field.indexOf('=');
    fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const credential = fields.get('Credential');
  const signed = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (credential === undefined || signed === undefined || signature === undefined) {
    throw malformed('the authorization header requires three components: Credential, SignedHeaders, and Signature.');
  }
  const parts = credential.split('/');
  if (parts.length < 5) {
    throw malformed('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  const [date = '', region = '', service = '', end = ''] = parts.slice(-4);
  if (end !== 'aws4_request') throw malformed(`incorrect terminal "${end}". This endpoint uses "aws4_request".`);
  if (service !== 's3') throw malformed(`incorrect service "${service}". This endpoint belongs to "s3".`);
  const timestamp = timestampOf(request);
  if (!timestamp.startsWith(date) || date.length !== 8) {
    throw malformed(
      `Invalid credential date "${date}". This date is not the same as X-Amz-Date: "${timestamp.slice(0, 8)}".`,
    );
  }
  const accessKeyId = parts.slice(0, -4).join('/');
  const scope = parts.slice(-4).join('/');
  return { accessKeyId, scope, date, region, signedHeaders: signed.split(';'), signature, timestamp };
}

function malformed(why: string): S3Error {
  return new S3Error('AuthorizationHeaderMalformed', {}, { message: `The authorization header is malformed; ${why}` });
}

function timestampOf(request: S3Request): string {
  const amz = header(request, 'x-amz-date');
  if (amz !== undefined && /^\d{8}T\d{6}Z$/.test(amz)) return amz;
  const date = new Date(amz ?? header(request, 'date') ?? '');
  if (Number.isNaN(date.getTime())) {
    throw new S3Error('AccessDenied', {}, { message: 'AWS authentication requires a valid Date or x-amz-date header' });
  }
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}
