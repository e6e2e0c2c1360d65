import type { ConnectionOptions } from '../options/resolved.js';
import { isAwsHost } from '../s3/endpoint-profile.js';
import { locationUnopened, type OpenBucket } from '../s3/open.js';

/** The server of a bucket, to compare that of one run with that of another: the name of a bucket stands for one bucket only within it. */
export type ServerName = string;

/** How the regions of the partitions of AWS begin, alone or in a host; all others are of the usual partition. */
const PARTITION = /(?:^|[.-])(cn|us-gov|us-iso[bef]?|eu-isoe|eusc)-[a-z]/;

/**
 * The server of a bucket that is open, wherever its address comes from. The region is left out: within a partition of AWS it makes no difference to which
 * bucket a name leads.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function serverOf({ location, access }: Pick<OpenBucket, 'location' | 'access'>): ServerName {
  return serverAt(location.endpoint) ?? awsIn(access.region());
}

/** The same as far as options name it; undefined where they do not. */
export function serverUnopened(connection: ConnectionOptions): ServerName | undefined {
  return serverAt(locationUnopened(connection).endpoint);
}

function serverAt(endpoint: string | undefined): ServerName | undefined {
  if (endpoint === undefined || !URL.canParse(endpoint)) return endpoint;
  const { origin, host, pathname } = new URL(endpoint);
  if (!isAwsHost(host)) return `${origin}${pathname.replace(/\/+$/, '')}`;
  return awsIn(host);
}

function awsIn(place: string): ServerName {
  const [, partition] = PARTITION.exec(place) ?? [];
  return partition === undefined ? 'AWS S3' : `AWS S3 (${partition})`;
}
