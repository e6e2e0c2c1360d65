import { given, msg, type Text } from '../report/message.js';

/** A bucket as a console, a dashboard or another tool writes it, in the words of this package. */
export interface WrittenBucket {
  /** `s3://bucket` or `s3://bucket/prefix`, which every face takes. */
  readonly address: string;
  /** The server that has the bucket; undefined for AWS, which needs none. */
  readonly endpointUrl: string | undefined;
}

/** Hosts of AWS, with the bucket before them where it is part of the host: requests, websites, acceleration, dual stack, old spellings. */
const AWS =
  /^(?:(.+)\.)?s3(?:[.-](?:website|accelerate|fips|dualstack|[a-z]{2}(?:-[a-z]+)+-\d+))*\.amazonaws\.com(?:\.cn)?$/;

/** The hosts of other providers, which are endpoints; a bucket may stand before them. `cdn.` is a cache in front of one. */
const PROVIDERS: readonly RegExp[] = [
  /^(?:(.+)\.)?([a-z]{3}\d\.)(?:cdn\.)?(digitaloceanspaces\.com)$/,
  /^(?:(.+)\.)?([0-9a-f]{32}(?:\.(?:eu|fedramp))?\.r2\.cloudflarestorage\.com)$/,
  /^(?:(.+)\.)?(storage\.googleapis\.com)$/,
  /^(?:(.+)\.)?(s3\.[a-z0-9-]+\.backblazeb2\.com)$/,
  /^(?:(.+)\.)?(s3(?:\.[a-z0-9-]+)?\.wasabisys\.com)$/,
  /^(?:(.+)\.)?(s3\.[a-z0-9-]+\.scw\.cloud)$/,
  /^(?:(.+)\.)?(s3\.[a-z0-9-]+\.(?:io\.)?cloud\.ovh\.(?:net|us))$/,
  /^(?:(.+)\.)?([a-z0-9-]+\.(?:linodeobjects|vultrobjects|your-objectstorage)\.com)$/,
];

/** Hosts that show what a bucket holds and name no bucket. */
const FRONTS = /(?:^|\.)(?:cloudfront\.net|r2\.dev|workers\.dev|pages\.dev)$/;

/** The hosts of the pages on which people see their buckets. */
const AWS_PAGES = /\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)$/;
const BUCKET_NAME = /^[A-Za-z0-9._-]{3,255}$/;
/** Only directory buckets have a region and an account in theirs. */
const BUCKET_ARN = /^arn:[^:]+:(?:s3:::|s3express:[^:]*:[^:]*:bucket\/)([^/]+)(?:\/(.*))?$/s;
const ACCESS_POINT_ARN =
  /^(arn:[^:/]+:s3[^:/]*:[^:/]*:[^:/]*:(?:outpost[:/][^:/]+[:/])?accesspoint[:/][^:/]+)(?:\/object)?(?:\/(.*))?$/s;
const GOOGLE = 'https://storage.googleapis.com';

/**
 * The bucket that a text means which is no `s3://` address: a web address of a bucket or its website, the address of a console's page, an ARN, or an
 * address with another tool's scheme. Undefined where the text names no bucket.
 */
export function writtenBucket(text: string): WrittenBucket | undefined {
  const trimmed = text.trim();
  const arn = BUCKET_ARN.exec(trimmed) ?? ACCESS_POINT_ARN.exec(trimmed);
  if (arn !== null) return written(arn[1], arn[2]?.replace(/\*$/, ''));
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/*(.*)$/is.exec(trimmed) ?? [];
  // No bucket stands between the second slash and the third.
  if (/^s3:\/{3}/i.test(trimmed)) return undefined;
  if (/^(?:s3[an]?|b2|r2)$/i.test(scheme)) return ofAddress(rest);
  if (/^gs$/i.test(scheme)) return ofAddress(rest, GOOGLE);
  if (scheme !== '' && !/^https?$/i.test(scheme)) return undefined;
  const url = scheme === '' ? `https://${trimmed}` : trimmed;
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  // Without a scheme only the host of a provider shows that a text is a web address.
  return ofHost(parsed) ?? (scheme === '' ? undefined : ofPath(parsed, parsed.origin));
}

/** Whether a bucket's name is the host name of a bucket. */
export function isBucketHost(name: string): boolean {
  return AWS.exec(name.toLowerCase())?.[1] !== undefined;
}

/** Whether a host is an endpoint of a known provider, so that what stands before it is a bucket. */
export function isProviderHost(host: string): boolean {
  return [AWS, ...PROVIDERS].some((pattern) => pattern.test(host));
}

/** The hint for such a text; undefined where it names no bucket. */
export function addressHint(text: string): Text | undefined {
  const found = writtenBucket(text);
  if (found === undefined) return undefined;
  const { address, endpointUrl } = found;
  if (endpointUrl === undefined)
    return /^https?:/i.test(text) ? msg`Write ${address}; AWS needs no {endpointUrl}.` : `Write ${address}.`;
  return msg`Write ${address}, and ${given('endpointUrl', endpointUrl)} for the server.`;
}

function ofAddress(rest: string, endpointUrl?: string): WrittenBucket | undefined {
  const host = rest.split('/', 1)[0] ?? '';
  if (isBucketHost(host) && URL.canParse(`https://${rest}`)) return ofHost(new URL(`https://${rest}`));
  return written(host, rest.slice(host.length + 1), endpointUrl);
}

/** By the host: consoles and known providers. */
function ofHost(url: URL): WrittenBucket | undefined {
  const { hostname: host, pathname, searchParams, hash } = url;
  if (AWS_PAGES.test(host)) {
    const fragment = new URLSearchParams(hash.slice(1));
    const [, page, name] = /^\/s3\/(buckets|object|upload)\/([^/]+)/.exec(pathname) ?? [];
    const prefix = searchParams.get('prefix') ?? fragment.get('prefix') ?? '';
    const folder = page === 'object' ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : prefix;
    return written(decoded(name ?? '') || (searchParams.get('bucket') ?? fragment.get('bucket') ?? ''), folder);
  }
  if (host.endsWith('.cloud.google.com')) {
    const [, name, path] = /^\/storage\/browser\/([^/;]+)\/?([^;]*)/.exec(pathname) ?? [];
    return written(name, decoded(path ?? ''), GOOGLE);
  }
  if (host === 'dash.cloudflare.com') {
    const [, account, name] = /^\/([0-9a-f]{32})\/r2\/.*?buckets\/([^/]+)/.exec(pathname) ?? [];
    return account === undefined ? undefined : written(name, '', `https://${account}.r2.cloudflarestorage.com`);
  }
  const [aws, inHost] = AWS.exec(host) ?? [];
  if (aws !== undefined) return inHost === undefined ? ofPath(url, undefined) : written(inHost, decoded(pathname));
  for (const pattern of PROVIDERS) {
    const [whole, name, ...server] = pattern.exec(host) ?? [];
    if (whole === undefined) continue;
    const endpointUrl = `https://${server.join('')}`;
    return name === undefined ? ofPath(url, endpointUrl) : written(name, decoded(pathname), endpointUrl);
  }
  return undefined;
}

/** By the path: its first segment is the bucket. */
function ofPath(url: URL, endpointUrl: string | undefined): WrittenBucket | undefined {
  if (FRONTS.test(url.hostname)) return undefined;
  const [, browser, name = '', path = ''] = /^\/(browser\/|buckets\/)?([^/]+)\/?(.*)$/s.exec(url.pathname) ?? [];
  // MinIO's console has the port after that of its API.
  const isConsole = browser !== undefined && endpointUrl !== undefined && url.port === '9001';
  const server = isConsole ? endpointUrl.replace(/:9001$/, ':9000') : endpointUrl;
  return written(decoded(name), decoded(path), server);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address, with a path that a put takes as a prefix: without empty and relative segments. */
function written(bucket = '', path = '', endpointUrl?: string): WrittenBucket | undefined {
  if (!BUCKET_NAME.test(bucket) && !ACCESS_POINT_ARN.test(bucket)) return undefined;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  return { address: `s3://${[bucket, ...segments].join('/')}`, endpointUrl };
}
