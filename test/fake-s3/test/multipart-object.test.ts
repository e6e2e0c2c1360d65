import assert from 'node:assert/strict';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Server } from 'fake-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { complete, create, etagInParts, md5, part, SMALL_PARTS } from './multipart.js';
import { clientOf, serverTest } from './support.js';

const BODIES = ['first', 'second', 'x'];

async function put(server: S3Server, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const uploadId = await create(server, headers);
  for (const [i, body] of BODIES.entries()) await part(server, uploadId, 2 * i + 1, body);
  const named = BODIES.map((body, i) => [2 * i + 1, md5(body)] as const);
  assert.equal((await complete(server, uploadId, named)).status, 200);
}

serverTest(
  'a part of an object is read by its place among the parts, not by the number it was sent with',
  async (server) => {
    await put(server);
    const cases = [
      ['1', 'first', 'bytes 0-4/12'],
      ['2', 'second', 'bytes 5-10/12'],
      ['3', 'x', 'bytes 11-11/12'],
    ] as const;
    for (const [number, body, range] of cases) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await sendSigned(server, { method, path: `/site/a?partNumber=${number}` });
        assert.equal(answer.status, 206);
        assert.equal(answer.headers['x-amz-mp-parts-count'], '3');
        assert.equal(answer.headers['content-range'], range);
        assert.equal(answer.headers['content-length'], String(body.length));
        assert.equal(answer.headers.etag, `"${etagInParts(...BODIES)}"`);
        if (method === 'GET') assert.equal(answer.body, body);
      }
    }
    const beyond = await sendSigned(server, { path: '/site/a?partNumber=4' });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.code, 'InvalidPartNumber');
    const whole = await sendSigned(server, { method: 'HEAD', path: '/site/a' });
    assert.equal(whole.headers['x-amz-mp-parts-count'], undefined);
    assert.equal(whole.headers['content-length'], '12');
  },
  SMALL_PARTS,
);

serverTest('the SDK puts an object in parts with its own checksums', async (server) => {
  const client = clientOf(server);
  const target = { Bucket: 'site', Key: 'a' };
  const bodies = [Buffer.alloc(5 * 1024 ** 2, 'a'), Buffer.from('end')];
  for (const ChecksumAlgorithm of ['CRC32', 'SHA256', undefined] as const) {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm }));
    const Parts: object[] = [];
    for (const [i, Body] of bodies.entries()) {
      const input = { ...target, UploadId, PartNumber: i + 1, Body, ChecksumAlgorithm };
      const { ETag, ChecksumCRC32, ChecksumSHA256 } = await client.send(new UploadPartCommand(input));
      Parts.push({
        PartNumber: i + 1,
        ETag,
        ...(ChecksumAlgorithm !== undefined && { ChecksumCRC32, ChecksumSHA256 }),
      });
    }
    const input = { ...target, UploadId, MultipartUpload: { Parts }, MpuObjectSize: 5 * 1024 ** 2 + 3 };
    const answer = await client.send(new CompleteMultipartUploadCommand(input));
    assert.equal(answer.ETag, `"${etagInParts(...bodies)}"`);
    assert.equal(answer.ChecksumType, ChecksumAlgorithm === undefined ? 'FULL_OBJECT' : 'COMPOSITE');
    const head = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    assert.equal(head.ChecksumType, answer.ChecksumType);
    assert.equal(head.ChecksumCRC32, answer.ChecksumCRC32);
    const { Body } = await client.send(new GetObjectCommand(target));
    assert.equal((await Body?.transformToByteArray())?.length, 5 * 1024 ** 2 + 3);
  }
});

serverTest(
  'a server that drops bodies keeps what proves the parts and the object',
  async (server) => {
    const checksum = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' };
    const uploadId = await create(server, checksum);
    await part(server, uploadId, 1, 'hello');
    const kept = server.uploads('site')[0]?.parts.get(1);
    assert.deepEqual([kept?.size, kept?.md5, kept?.checksum?.value], [5, md5('hello'), 'NhCmhg==']);
    assert.equal(kept?.body.buffer.byteLength, 0);
    server.abortUpload('site', uploadId);
    await put(server, checksum);
    const { Contents } = await clientOf(server).send(new ListObjectsV2Command({ Bucket: 'site' }));
    assert.equal(Contents?.[0]?.Size, 12);
    assert.equal(Contents?.[0]?.ETag, `"${etagInParts(...BODIES)}"`);
    assert.equal((await sendSigned(server, { path: '/site/a' })).status, 500);
    assert.equal((await sendSigned(server, { method: 'HEAD', path: '/site/a?partNumber=2' })).status, 206);
  },
  { ...SMALL_PARTS, dropBodies: true },
);
