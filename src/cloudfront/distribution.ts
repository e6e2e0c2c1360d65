import type {
  CacheBehavior,
  CachePolicyConfig,
  DefaultCacheBehavior,
  DistributionConfig,
} from '@aws-sdk/client-cloudfront';
import { msg, type Text } from '../report/message.js';
import { type CloudFront, CloudFrontError } from './requests.js';

/** What a distribution's configuration says about the URLs of keys. */
export interface Distribution {
  /** The key that `/` shows. */
  readonly rootObject: string | undefined;
  readonly origins: readonly Origin[];
  /** In the order in which CloudFront tries them; the default one is last. */
  readonly behaviors: readonly Behavior[];
  /** What is shown for 403 and 404, which are the responses of S3 for a missing key. */
  readonly missing: readonly MissingPage[];
}

export interface Origin {
  readonly id: string;
  /** What CloudFront puts before the path of a request: empty, or begins with `/` and does not end with it. */
  readonly path: string;
  /** Whether it is the bucket of this run, another bucket, or neither by its name. */
  readonly bucket: 'own' | 'other' | 'unknown';
}

export interface Behavior {
  /** Absent for the default behavior. */
  readonly pattern?: string;
  /** Ids of its origins. */
  readonly targets: readonly string[];
  /** Whether it keeps several copies of a URL: by query string, header or cookie. */
  readonly varies: boolean;
}

export interface MissingPage {
  /** Path of the page that is shown; absent where the response of the origin is. */
  readonly page?: string;
  /** For how long CloudFront keeps the response, in seconds. */
  readonly seconds: number;
}

/** What could be read about a distribution. */
export interface ReadDistribution {
  /** Undefined where its configuration may not be read. */
  readonly distribution: Distribution | undefined;
  /** What may not be read, so that paths may be incomplete. */
  readonly unread?: Unread;
}

/** The configuration, or only the cache policies. */
export type Unread = 'config' | 'policies';

/** What is missing where these distributions may not be read. */
export function unreadWarning(unread: Unread, ids: readonly string[]): Text {
  const which = `the distribution${ids.length === 1 ? '' : 's'} ${ids.join(', ')}`;
  return unread === 'config'
    ? msg`The configuration of ${which} may not be read (cloudfront:GetDistributionConfig): keys are invalidated as they are, without origin paths, error pages and cache policies. Allow it, or give {invalidationPaths}.`
    : msg`The cache policies of ${which} may not be read (cloudfront:GetCachePolicy): copies of a URL by query string, header or cookie are not invalidated. Allow it, or give {invalidationPaths}.`;
}

/** A response that CloudFront keeps without a rule of the distribution: it does so for 10 seconds. */
const LONGEST_UNNOTICED_SECONDS = 60;
const DEFAULT_SECONDS = 10;
const MISSING_CODES: readonly (number | undefined)[] = [403, 404];

/** Whether a key that did not exist before may have a response in the cache: a page that is shown for it, or an error that is kept for more than a minute. */
export function keepsMissing({ missing }: Distribution): boolean {
  return missing.some(({ page, seconds }) => page !== undefined || seconds > LONGEST_UNNOTICED_SECONDS);
}

/**
 * Reads the configuration of a distribution and its cache policies. Where that is denied, the result says what is missing.
 * @throws CloudFrontError for any other error, such as `NoSuchDistribution`
 */
export async function readDistribution(
  cloudfront: CloudFront,
  id: string,
  bucket: string,
  signal: AbortSignal,
): Promise<ReadDistribution> {
  let config: DistributionConfig;
  try {
    config = await cloudfront.distributionConfig(id, signal);
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { distribution: undefined, unread: 'config' };
  }
  const ids = new Set(behaviorsOf(config).map(({ CachePolicyId }) => CachePolicyId ?? ''));
  ids.delete('');
  const varying = new Set<string>();
  let denied = false;
  for (const policy of ids) {
    if (denied) break;
    try {
      if (variesByPolicy(await cloudfront.cachePolicy(policy, signal))) varying.add(policy);
    } catch (error) {
      if (!isDenied(error)) throw error;
      denied = true;
    }
  }
  const distribution = distributionOf(config, varying, bucket);
  return denied ? { distribution, unread: 'policies' } : { distribution };
}

function isDenied(error: unknown): boolean {
  return error instanceof CloudFrontError && error.code === 'AccessDenied';
}

function behaviorsOf({
  CacheBehaviors,
  DefaultCacheBehavior: last,
}: DistributionConfig): readonly (CacheBehavior | DefaultCacheBehavior)[] {
  return [...(CacheBehaviors?.Items ?? []), ...(last === undefined ? [] : [last])];
}

/** @internal */
export function distributionOf(
  config: DistributionConfig,
  varyingPolicies: ReadonlySet<string>,
  bucket: string,
): Distribution {
  const { DefaultRootObject: root = '', Origins, OriginGroups, CustomErrorResponses } = config;
  const members = new Map(
    (OriginGroups?.Items ?? []).map(({ Id, Members }) => [
      Id,
      (Members?.Items ?? []).map(({ OriginId }) => OriginId ?? ''),
    ]),
  );
  return {
    rootObject: root === '' ? undefined : root.replace(/^\//, ''),
    origins: (Origins?.Items ?? []).map(({ Id = '', DomainName = '', OriginPath = '' }) => ({
      id: Id,
      path: OriginPath.replace(/\/$/, ''),
      bucket: bucketOf(DomainName, bucket),
    })),
    behaviors: behaviorsOf(config).map((behavior) => {
      const { TargetOriginId: target = '', CachePolicyId: policy = '' } = behavior;
      return {
        ...('PathPattern' in behavior && behavior.PathPattern !== undefined && { pattern: behavior.PathPattern }),
        targets: members.get(target) ?? [target],
        varies: policy === '' ? variesByValues(behavior) : varyingPolicies.has(policy),
      };
    }),
    missing: (CustomErrorResponses?.Items ?? [])
      .filter(({ ErrorCode }) => MISSING_CODES.includes(ErrorCode))
      .map(({ ResponsePagePath: page = '', ErrorCachingMinTTL: seconds = DEFAULT_SECONDS }) => ({
        ...(page !== '' && { page }),
        seconds,
      })),
  };
}

/** What follows the name of a bucket in its own domain names, of its objects or of its website. Aliases of access points name no bucket. */
const AFTER_NAME = String.raw`\.s3(?:-website)?(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$`;
const AFTER_BUCKET = new RegExp(`^${AFTER_NAME}`);
const S3_DOMAIN = new RegExp(`^(.+?)${AFTER_NAME}`);

function bucketOf(domain: string, bucket: string): Origin['bucket'] {
  const host = domain.toLowerCase();
  // The name of a bucket may have ".s3" in it, too.
  if (host.startsWith(bucket) && AFTER_BUCKET.test(host.slice(bucket.length))) return 'own';
  const name = S3_DOMAIN.exec(host)?.[1];
  return name === undefined || isAccessPoint(name) || isAccessPoint(bucket) ? 'unknown' : 'other';
}

function isAccessPoint(name: string): boolean {
  return name.startsWith('arn:') || name.endsWith('-s3alias');
}

/** @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ParametersInCacheKeyAndForwardedToOrigin.html */
function variesByPolicy({ ParametersInCacheKeyAndForwardedToOrigin: key }: CachePolicyConfig): boolean {
  const behaviors = [
    key?.QueryStringsConfig?.QueryStringBehavior,
    key?.HeadersConfig?.HeaderBehavior,
    key?.CookiesConfig?.CookieBehavior,
  ];
  return behaviors.some((behavior) => behavior !== undefined && behavior !== 'none');
}

/** The older settings of a behavior without a cache policy. */
function variesByValues({ ForwardedValues: values }: CacheBehavior | DefaultCacheBehavior): boolean {
  if (values === undefined) return false;
  return (
    values.QueryString === true || (values.Headers?.Quantity ?? 0) > 0 || (values.Cookies?.Forward ?? 'none') !== 'none'
  );
}
