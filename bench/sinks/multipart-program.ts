// The multipart sink, in a process of its own: reads every body, stores nothing, and returns fixed responses. multipart.ts starts it; it sends its
// port, and on each message the requests since the last message.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countRequests, type Requests } from './sink.js';

const ETAG = '"fixed"';
const UPLOAD_ID = 'fixed';
const CHECKED = /^(content-md5|x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256))$/;

interface Operation {
  readonly verb: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

const element = (name: string, text = ''): string => `<${name}>${text}</${name}>`;
const result = (name: string, ...elements: string[]): string =>
  `<?xml version="1.0"?>${element(name, elements.join(''))}`;

/** The S3 operation of a request, and its response. */
function operationOf(
  { method, headers }: IncomingMessage,
  bucket: string,
  key: string,
  query: URLSearchParams,
): Operation {
  const about = element('Bucket', bucket) + element('Key', key);
  if (method === 'POST' && query.has('uploads')) {
    const body = result('InitiateMultipartUploadResult', about, element('UploadId', UPLOAD_ID));
    return { verb: 'CREATE', body, headers: echoed(headers, /^x-amz-checksum-(algorithm|type)$/) };
  }
  if (method === 'POST')
    return { verb: 'COMPLETE', body: result('CompleteMultipartUploadResult', about, element('ETag', ETAG)) };
  if (method === 'PUT') {
    const verb = query.has('partNumber') ? 'UPLOAD' : 'PUT';
    const refusal = refusalOf(headers);
    if (refusal !== undefined)
      return {
        verb,
        status: 400,
        body: result('Error', element('Code', 'InvalidRequest'), element('Message', refusal)),
      };
    return { verb, body: '', headers: { etag: ETAG, ...echoed(headers, /^x-amz-checksum-crc32$/) } };
  }
  if (method === 'DELETE') return { verb: 'ABORT', status: 204, body: '' };
  if (method === 'HEAD') return { verb: 'HEAD', status: 404, body: '' };
  const complete = element('IsTruncated', 'false');
  if (query.has('uploads'))
    return { verb: 'LIST', body: result('ListMultipartUploadsResult', element('Bucket', bucket), complete) };
  if (query.has('uploadId'))
    return { verb: 'LIST', body: result('ListPartsResult', about, element('UploadId', UPLOAD_ID), complete) };
  return { verb: 'LIST', body: result('ListBucketResult', element('KeyCount', '0'), complete) };
}

/** The rules of the other sinks: a body needs a checksum, and ours must sign it. */
function refusalOf(headers: IncomingMessage['headers']): string | undefined {
  const named = [...Object.keys(headers), ...String(headers['x-amz-trailer'] ?? '').split(',')];
  if (!named.some((name) => CHECKED.test(name.trim().toLowerCase())))
    return 'Neither Content-MD5 nor x-amz-checksum-*.';
  return isUnsigned(headers) && /s3-parallel-put/.test(headers['user-agent'] ?? '')
    ? 'UNSIGNED-PAYLOAD over http.'
    : undefined;
}

const isUnsigned = (headers: IncomingMessage['headers']): boolean =>
  /UNSIGNED-PAYLOAD/.test(String(headers['x-amz-content-sha256'] ?? ''));

const echoed = (headers: IncomingMessage['headers'], names: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (names.test(name) ? [[name, String(value)]] : [])),
  );

let seen: { verb: string; status: string; unsigned: boolean }[] = [];
let bytes = 0;

function respond(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sink');
  const [bucket = '', ...key] = pathname.slice(1).split('/');
  const { verb, body, headers = {}, status = 200 } = operationOf(request, bucket, key.join('/'), searchParams);
  request.on('data', (chunk: Buffer) => {
    if (verb === 'PUT' || verb === 'UPLOAD') bytes += chunk.length;
  });
  request.on('end', () => {
    seen.push({ verb, status: String(status), unsigned: isUnsigned(request.headers) });
    // With this name ours uses CRC32, as for MinIO.
    response.writeHead(status, { server: 'MinIO', 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  });
}

const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0, highWaterMark: 1024 * 1024 }, respond);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  const requests: Requests = { ...countRequests(seen), bytes };
  seen = [];
  bytes = 0;
  process.send?.(requests);
});
process.on('disconnect', () => process.exit());
