// The bare minimum: a loop of open, read and close, a signature written by hand, raw HTTP on keep-alive sockets, one thread. Like ours it hashes the body
// over http, sends its CRC32, and compares the CRC32 of the response if the server returns one. It retries nothing and plans nothing.
import { createHmac, hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { extname, join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { crc32 } from 'node:zlib';

const [folder, bucket, endpoint, inFlight] = process.argv.slice(2);
const { AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: region } = process.env;
const { protocol, hostname, port, host } = new URL(endpoint);
const tls = protocol === 'https:';
const HEAD = 2048;
const MOST = 2 ** 20;
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.woff2': 'font/woff2',
};

const hmac = (key, text) => createHmac('sha256', key).update(text);
const date = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
const signingKey = ['s3', 'aws4_request'].reduce(
  (key, text) => hmac(key, text).digest(),
  hmac(hmac(`AWS4${secret}`, date.slice(0, 8)).digest(), region).digest(),
);
const SIGNED = 'content-type;host;x-amz-checksum-crc32;x-amz-content-sha256;x-amz-date';
const authorization = `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${SIGNED}, Signature=`;

const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
let next = 0;

/** The head of a request, in one string. */
function headOf(name, body, checksum) {
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  const digest = tls ? 'UNSIGNED-PAYLOAD' : hash('sha256', body);
  const path = `/${bucket}/${name}`;
  const canonical = `PUT\n${path}\n\ncontent-type:${type}\nhost:${host}\nx-amz-checksum-crc32:${checksum}\nx-amz-content-sha256:${digest}\nx-amz-date:${date}\n\n${SIGNED}\n${digest}`;
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical)}`;
  return `PUT ${path} HTTP/1.1\r\nhost: ${host}\r\nuser-agent: s3-parallel-put-floor\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\nx-amz-checksum-crc32: ${checksum}\r\nx-amz-content-sha256: ${digest}\r\nx-amz-date: ${date}\r\nauthorization: ${authorization}${hmac(signingKey, toSign).digest('hex')}\r\n\r\n`;
}

/** Puts file after file on one socket, and connects again after the server has closed it. */
function work(buffer) {
  if (next >= names.length) return;
  const crc = Buffer.alloc(4);
  const socket = tls ? connectTls({ host: hostname, port }) : connectTcp({ host: hostname, port });
  socket.setNoDelay(true);
  let [checksum, response, underWay] = ['', '', true];
  const put = () => {
    const name = names[next++];
    if (name === undefined) {
      underWay = false;
      socket.end();
      return;
    }
    const file = openSync(`${folder}/${name}`, 'r');
    const length = readSync(file, buffer, HEAD, buffer.length - HEAD, 0);
    closeSync(file);
    if (length === buffer.length - HEAD) throw new Error(`${name} is too large.`);
    const body = buffer.subarray(HEAD, HEAD + length);
    crc.writeUInt32BE(crc32(body));
    checksum = crc.toString('base64');
    const head = headOf(name, body, checksum);
    // Directly before the body, so that one write without a copy sends both.
    buffer.latin1Write(head, HEAD - head.length, head.length);
    response = '';
    underWay = true;
    socket.write(buffer.subarray(HEAD - head.length, HEAD + length));
  };
  socket.on('data', (chunk) => {
    response += chunk.latin1Slice();
    if (!response.endsWith(/\r\ntransfer-encoding: chunked\r\n/i.test(response) ? '\r\n0\r\n\r\n' : '\r\n\r\n')) return;
    const echo = /\r\nx-amz-checksum-crc32: (.*)\r\n/i.exec(response)?.[1] ?? checksum;
    if (!response.startsWith('HTTP/1.1 200') || echo !== checksum) throw new Error(`Unexpected response: ${response}`);
    underWay = false;
    if (!/\r\nconnection: close\r\n/i.test(response)) put();
  });
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    if (underWay) throw new Error('The connection was closed.');
    work(buffer);
  });
  socket.once(tls ? 'secureConnect' : 'connect', put);
}

for (let socket = 0; socket < Number(inFlight); socket += 1) work(Buffer.allocUnsafeSlow(HEAD + MOST));
