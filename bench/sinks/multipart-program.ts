// The multipart sink, in a process of its own: reads every body, stores nothing, and returns fixed responses. multipart.ts starts it with the files
// of a certificate and its key; it sends its ports, and on each message the requests since the last message.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
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
function operationOf(request: IncomingMessage, bucket: string, key: string, query: URLSearchParams): Operation {
  const { method, headers } = request;
  const about = element('Bucket', bucket) + element('Key', key);
  if (method === 'POST' && query.has('uploads')) {
    const body = result('InitiateMultipartUploadResult', about, element('UploadId', UPLOAD_ID));
    return { verb: 'CREATE', body, headers: echoed(headers, /^x-amz-checksum-(algorithm|type)$/) };
  }
  if (method === 'POST')
    return { verb: 'COMPLETE', body: result('CompleteMultipartUploadResult', about, element('ETag', ETAG)) };
  if (method === 'PUT') {
    const verb = query.has('partNumber') ? 'UPLOAD' : 'PUT';
    const refusal = refusalOf(request);
    if (refusal !== undefined)
      return {
        verb,
        status: 400,
        body: result('Error', element('Code', 'InvalidRequest'), element('Message', refusal)),
      };
    return { verb, body: '', headers: { etag: ETAG, ...echoed(headers, /^x-amz-checksum-crc32$/) } };
  }
  if (method === 'DELETE') return { verb: 'ABORT', status: 204, body: '' };
  if (method === 'HEAD') return headOf(`${bucket}/${key}`);
  const complete = element('IsTruncated', 'false');
  if (query.has('uploads'))
    return { verb: 'LIST', body: result('ListMultipartUploadsResult', element('Bucket', bucket), complete) };
  if (query.has('uploadId'))
    return { verb: 'LIST', body: result('ListPartsResult', about, element('UploadId', UPLOAD_ID), complete) };
  return { verb: 'LIST', body: result('ListBucketResult', element('KeyCount', '0'), complete) };
}

/** rclone asks for the size of what it has uploaded. */
function headOf(object: string): Operation {
  const size = completed.get(object);
  if (size === undefined) return { verb: 'HEAD', status: 404, body: '' };
  return { verb: 'HEAD', body: '', headers: { etag: ETAG, 'content-length': String(size) } };
}

/** The rules of the other sinks: ours must send a checksum, and sign each body over http. */
function refusalOf({ headers, socket }: IncomingMessage): string | undefined {
  if (!/s3-parallel-put/.test(headers['user-agent'] ?? '')) return undefined;
  if (!isChecked(headers)) return 'Neither Content-MD5 nor x-amz-checksum-*.';
  return isUnsigned(headers) && !('encrypted' in socket) ? 'UNSIGNED-PAYLOAD over http.' : undefined;
}

function isChecked(headers: IncomingMessage['headers']): boolean {
  const named = [...Object.keys(headers), ...String(headers['x-amz-trailer'] ?? '').split(',')];
  return named.some((name) => CHECKED.test(name.trim().toLowerCase()));
}

const isUnsigned = (headers: IncomingMessage['headers']): boolean =>
  /UNSIGNED-PAYLOAD/.test(String(headers['x-amz-content-sha256'] ?? ''));

const echoed = (headers: IncomingMessage['headers'], names: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (names.test(name) ? [[name, String(value)]] : [])),
  );

let seen: { verb: string; status: string; unsigned: boolean; unchecked: boolean }[] = [];
let bytes = 0;
/** Sizes of uploads under way, and of objects, by bucket and key. */
const uploaded = new Map<string, number>();
const completed = new Map<string, number>();

function respond(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sink');
  const [bucket = '', ...key] = pathname.slice(1).split('/');
  const { verb, body, headers = {}, status = 200 } = operationOf(request, bucket, key.join('/'), searchParams);
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  request.on('end', () => {
    const isBody = verb === 'PUT' || verb === 'UPLOAD';
    if (isBody) bytes += size;
    remember(verb, `${bucket}/${key.join('/')}`, size);
    const [unsigned, unchecked] = [isUnsigned(request.headers), isBody && !isChecked(request.headers)];
    seen.push({ verb, status: String(status), unsigned, unchecked });
    response.writeHead(status, { server: 'AmazonS3', 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  });
}

function remember(verb: string, object: string, size: number): void {
  if (verb === 'CREATE') uploaded.set(object, 0);
  if (verb === 'UPLOAD') uploaded.set(object, (uploaded.get(object) ?? 0) + size);
  if (verb === 'COMPLETE') completed.set(object, uploaded.get(object) ?? 0);
  if (verb === 'PUT') completed.set(object, size);
}

const [certificate = '', key = ''] = process.argv.slice(2);
const options = { keepAliveTimeout: 75_000, requestTimeout: 0, highWaterMark: 1024 * 1024 };
const http = createServer(options, respond);
const tls = createTlsServer({ ...options, cert: readFileSync(certificate), key: readFileSync(key) }, respond);
const portOf = (server: typeof http | typeof tls): number => (server.address() as AddressInfo).port;
http.listen(0, '127.0.0.1', () =>
  tls.listen(0, '127.0.0.1', () => process.send?.({ http: portOf(http), tls: portOf(tls) })),
);
process.on('message', () => {
  const requests: Requests = { ...countRequests(seen), bytes };
  seen = [];
  bytes = 0;
  uploaded.clear();
  completed.clear();
  process.send?.(requests);
});
process.on('disconnect', () => process.exit());
