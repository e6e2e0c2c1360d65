import { isIP } from 'node:net';
import type { ConnectionOptions } from '../options/resolved.js';

/** The endpoint of a bucket's requests, and the region and service that they are signed for. */
export interface Address {
  /** `https://host`, with the port unless it is the scheme's default. */
  readonly origin: string;
  readonly host: string;
  readonly secure: boolean;
  /** The path before every key: empty, or begins with `/` and does not end with it. */
  readonly basePath: string;
  readonly signingRegion: string;
  readonly signingName: string;
  /** Whether plain Signature Version 4 is enough. S3 Express, multi-region access points and the like need more, which only the SDK supports. */
  readonly plain: boolean;
}

/** The address of a bucket in this region. Rejects with the error of the endpoint rules. */
export type ResolveAddress = (region: string) => Promise<Address>;

/** What an address depends on beside bucket and region. */
export type AddressOptions = Pick<ConnectionOptions, 'endpointUrl' | 'forcePathStyle' | 'secure'>;

/** Partitions of AWS by the form of their regions, with the ends of their hosts: those that have been the same for years. */
const PARTITIONS: readonly (readonly [regions: RegExp, suffix: string])[] = [
  [/^(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d$/, 'amazonaws.com'],
  [/^us-gov-[a-z]+-\d$/, 'amazonaws.com'],
  [/^cn-[a-z]+-\d$/, 'amazonaws.com.cn'],
];

/** A name that is one label of a host. Two hyphens mark names with a meaning, such as those of directory buckets and of aliases. */
const LABEL = /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
/** A region that no rule knows as something else; regions such as `aws-global` or `fips-…` stand for others. */
const REGION = /^(?!.*(?:global|fips))[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** The address of a server with nothing behind it. */
const ENDPOINT = /^https?:\/\/[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,5})?\/?$/;

/**
 * The address of a bucket where it is certain; undefined where only the endpoint rules of the SDK know it. Gives what these give: a test compares.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function plainAddress(bucket: string, region: string, options: AddressOptions): Address | undefined {
  if (!LABEL.test(bucket) || region.length > 63 || !REGION.test(region)) return undefined;
  const { endpointUrl } = options;
  return endpointUrl === undefined ? ofAws(bucket, region, options) : ofServer(bucket, region, endpointUrl, options);
}

function ofAws(bucket: string, region: string, { forcePathStyle, secure }: AddressOptions): Address | undefined {
  const suffix = PARTITIONS.find(([regions]) => regions.test(region))?.[1];
  if (suffix === undefined) return undefined;
  const service = `s3.${region}.${suffix}`;
  return forcePathStyle
    ? addressAt(service, secure !== false, `/${bucket}`, region)
    : addressAt(`${bucket}.${service}`, secure !== false, '', region);
}

function ofServer(bucket: string, region: string, endpointUrl: string, options: AddressOptions): Address | undefined {
  if (!ENDPOINT.test(endpointUrl) || !URL.canParse(endpointUrl)) return undefined;
  const { protocol, host, hostname } = new URL(endpointUrl);
  // A number in the place of a name, such as 127.1, is rewritten to an address.
  if (isIP(hostname) === 0 ? /^[\d.]+$/.test(hostname) : !endpointUrl.includes(`//${hostname}`)) return undefined;
  const secure = protocol === 'https:' && options.secure !== false;
  if (protocol === 'https:' && !secure) return undefined;
  return options.forcePathStyle || isIP(hostname) !== 0
    ? addressAt(host, secure, `/${bucket}`, region)
    : addressAt(`${bucket}.${host}`, secure, '', region);
}

function addressAt(host: string, secure: boolean, basePath: string, signingRegion: string): Address {
  const origin = `${secure ? 'https' : 'http'}://${host}`;
  return { origin, host, secure, basePath, signingRegion, signingName: 's3', plain: true };
}

/** The region if neither option, environment nor profile has one: R2 has only `auto`, all other servers have `us-east-1`. */
export function defaultRegion(endpointUrl: string | undefined): string {
  const host = endpointUrl === undefined ? '' : new URL(endpointUrl).hostname;
  return host.endsWith('.r2.cloudflarestorage.com') ? 'auto' : 'us-east-1';
}
