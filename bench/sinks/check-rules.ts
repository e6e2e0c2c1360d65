/** Headers of a PUT, and the status that the http sink must return: without its rules, rows could not be compared. */
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

/**
 * Checks the rules of the http sink at `url`.
 * @throws Error if it does not follow them
 */
export async function checkRules(url: string): Promise<void> {
  for (const [headers, status] of RULES) {
    const response = await fetch(`${url}/bucket/key`, { method: 'PUT', headers, body: 'body' });
    await response.text();
    if (response.status !== status)
      throw new Error(`The sink returns ${response.status} for ${JSON.stringify(headers)}, not ${status}.`);
  }
}
