/** Header sets of a put, and what the http sink must answer: a sink without its rules would make dishonest rows. */
const RULES: readonly (readonly [headers: Readonly<Record<string, string>>, status: number])[] = [
  [{}, 400],
  [{ 'content-md5': 'gdyb21LQTcIANtvYMT7QVQ==' }, 200],
  [{ 'x-amz-checksum-crc32': 'AAAAAA==' }, 200],
  [{ 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' }, 200],
  [{ 'x-amz-trailer': 'x-amz-checksum-crc32c' }, 200],
  [{ 'x-amz-trailer': 'x-amz-meta-other' }, 400],
  [{ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'user-agent': 'rclone/1' }, 200],
  [
    {
      'x-amz-checksum-crc32': 'AAAAAA==',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'user-agent': 's3-parallel-put/1',
    },
    400,
  ],
];

/** Throws when the sink at `url`, over http, does not keep the rules. */
export async function checkRules(url: string): Promise<void> {
  for (const [headers, status] of RULES) {
    const answer = await fetch(`${url}/bucket/key`, { method: 'PUT', headers, body: 'body' });
    await answer.text();
    if (answer.status !== status)
      throw new Error(`The sink answers ${answer.status} to ${JSON.stringify(headers)}, not ${status}.`);
  }
}
