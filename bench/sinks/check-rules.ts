const OURS = { 'user-agent': 's3-parallel-put/1' };
const UNSIGNED = { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };

/** Headers of a PUT, and the status that the http sink must return: without its rules, rows could not be compared. */
const RULES: readonly (readonly [headers: Readonly<Record<string, string>>, status: number])[] = [
  [OURS, 400],
  [{ 'user-agent': 'other/1' }, 200],
  [{ ...OURS, 'content-md5': 'gdyb21LQTcIANtvYMT7QVQ==' }, 200],
  [{ ...OURS, 'x-amz-checksum-crc32': 'AAAAAA==' }, 200],
  [{ ...OURS, 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' }, 200],
  [{ ...OURS, 'x-amz-trailer': 'x-amz-checksum-crc32c' }, 200],
  [{ ...OURS, 'x-amz-trailer': 'x-amz-meta-other' }, 400],
  [{ ...UNSIGNED, 'user-agent': 'rclone/1' }, 200],
  [{ ...UNSIGNED, ...OURS }, 400],
];
const CRC32 = 'x-amz-checksum-crc32';

/**
 * Checks the rules of the http sink at `s3Url`, and that only it returns the CRC32 and the name of S3.
 * @throws Error if the sinks do not follow them
 */
export async function checkRules(s3Url: string, genericUrl: string): Promise<void> {
  for (const [headers, status] of RULES) {
    const response = await putBody(s3Url, headers);
    if (response.status !== status)
      throw new Error(`The sink returns ${response.status} for ${JSON.stringify(headers)}, not ${status}.`);
  }
  const [s3, generic] = [
    await putBody(s3Url, { [CRC32]: 'AAAAAA==' }),
    await putBody(genericUrl, { [CRC32]: 'AAAAAA==' }),
  ];
  if (s3.headers.get(CRC32) !== 'AAAAAA==' || s3.headers.get('server') !== 'AmazonS3')
    throw new Error('The sink does not respond as S3 does.');
  if (generic.headers.has(CRC32) || generic.headers.get('server') === 'AmazonS3')
    throw new Error('The generic sink responds as S3 does.');
}

async function putBody(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  const response = await fetch(`${url}/bucket/key`, { method: 'PUT', headers, body: 'body' });
  await response.text();
  return response;
}
