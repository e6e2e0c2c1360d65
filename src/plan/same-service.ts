/** What tells where a bucket is served. */
export interface Served {
  readonly endpointUrl: string | undefined;
  readonly region: string | undefined;
}

/**
 * Can one server read the one bucket and write the other? S3 does so within a partition; two other endpoints are two servers as far as anybody
 * knows.
 * @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
export function sameService(source: Served, dest: Served): boolean {
  return serviceOf(source) === serviceOf(dest);
}

function serviceOf({ endpointUrl, region }: Served): string {
  const { host } = new URL(endpointUrl ?? 'https://s3.amazonaws.com');
  const own = /(?:^|\.)(amazonaws\.com(?:\.cn)?|amazonaws\.eu)$/.exec(host)?.[1];
  if (own === undefined) return host;
  const named = /(?:^|[.-])((?:cn|us-gov|us-iso[a-z]*|eu-isoe|eusc)-)/.exec(`${region ?? ''} ${host}`)?.[1];
  return `aws ${named ?? own.replace('amazonaws.com', '')}`.trim();
}
