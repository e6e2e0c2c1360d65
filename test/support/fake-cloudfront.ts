import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from './tree.js';

// CloudFront's API of 2020-05-31 on loopback, as far as invalidations need it: it checks signatures, paths, limits and caller references, and responds
// with the documents of the model.

const VERSION = '/2020-05-31';
const XMLNS = `http://cloudfront.amazonaws.com/doc${VERSION}/`;
const MOST = { paths: 3_000, wildcards: 15 };

export type CloudFrontAction = 'GetDistributionConfig' | 'GetCachePolicy' | 'CreateInvalidation' | 'GetInvalidation';

/** A distribution, by what matters for invalidations. */
export interface FakeDistribution {
  readonly rootObject?: string;
  /** Default: one origin `s3`, the bucket `site`, without a path. */
  readonly origins?: readonly { readonly id: string; readonly domain: string; readonly path?: string }[];
  readonly behaviors?: readonly FakeBehavior[];
  readonly defaultBehavior?: Omit<FakeBehavior, 'pattern'>;
  readonly errors?: readonly { readonly code: number; readonly page?: string; readonly seconds?: number }[];
}

interface FakeBehavior {
  readonly pattern: string;
  readonly target?: string;
  /** Id of a cache policy; without one the older settings below count. */
  readonly policy?: string;
  readonly queryString?: boolean;
}

/** What the cache key of a policy has besides the path. */
export type FakePolicy = 'nothing' | 'query' | 'headers' | 'cookies';

export interface FakeInvalidation {
  readonly id: string;
  readonly distributionId: string;
  readonly reference: string;
  readonly paths: readonly string[];
  /** Requests until it is completed. */
  polls: number;
}

export interface FakeCloudFront {
  readonly url: string;
  /** `CreateInvalidation E1`, also of requests that were refused. */
  readonly requests: readonly string[];
  readonly invalidations: readonly FakeInvalidation[];
  /** Paths of all invalidations of a distribution, sorted. */
  paths(distributionId: string): string[];
  count(action: CloudFrontAction): number;
  /** 403 for these from now on. */
  deny(...actions: readonly CloudFrontAction[]): void;
  /** The next `times` requests of an action fail with this code. */
  fail(action: CloudFrontAction, code: string, status: number, times: number): void;
  clear(): void;
}

export interface FakeCloudFrontOptions {
  readonly distributions?: Readonly<Record<string, FakeDistribution>>;
  readonly policies?: Readonly<Record<string, FakePolicy>>;
  /** Requests until an invalidation is completed. @default 0, at once */
  readonly polls?: number;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const TEST_CREDENTIALS = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret-key' };

class CloudFrontFault extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Starts the server, which ends with the test. The SDK finds it by `AWS_ENDPOINT_URL_CLOUDFRONT`, which is set in this process until then; a child
 * process is given it as `url`.
 */
export async function cloudFrontFor(t: Cleanup, options: FakeCloudFrontOptions = {}): Promise<FakeCloudFront> {
  const { distributions = { E1: {} }, policies = {}, polls = 0, credentials = TEST_CREDENTIALS } = options;
  const requests: string[] = [];
  const invalidations: FakeInvalidation[] = [];
  const denied = new Set<CloudFrontAction>();
  const faults: { action: CloudFrontAction; code: string; status: number; times: number }[] = [];

  function distributionOf(id: string): FakeDistribution {
    const found = Object.hasOwn(distributions, id) ? distributions[id] : undefined;
    if (found !== undefined) return found;
    throw new CloudFrontFault(404, 'NoSuchDistribution', 'The specified distribution does not exist.');
  }

  function check(action: CloudFrontAction): void {
    if (denied.has(action))
      throw new CloudFrontFault(
        403,
        'AccessDenied',
        `User: arn:aws:iam::123456789012:user/test is not authorized to perform: cloudfront:${action}`,
      );
    const fault = faults.find((one) => one.action === action && one.times > 0);
    if (fault === undefined) return;
    fault.times -= 1;
    throw new CloudFrontFault(fault.status, fault.code, `${fault.code} by the test.`);
  }

  function create(distributionId: string, body: string): FakeInvalidation {
    const reference = textOf(body, 'CallerReference');
    const paths = [...body.matchAll(/<Path>([\s\S]*?)<\/Path>/g)].map(([, path]) => unescaped(path ?? ''));
    if (reference === '') throw new CloudFrontFault(400, 'MissingBody', 'There is no caller reference.');
    if (paths.length === 0 || Number(textOf(body, 'Quantity')) !== paths.length)
      throw new CloudFrontFault(
        400,
        'InconsistentQuantities',
        'The value of Quantity and the size of Items do not match.',
      );
    const same = invalidations.find((one) => one.distributionId === distributionId && one.reference === reference);
    if (same !== undefined && same.paths.join('\n') === paths.join('\n')) return same;
    if (same !== undefined)
      throw new CloudFrontFault(400, 'InvalidArgument', 'The caller reference that you are using is already used.');
    if (!paths.every(isWellEncoded))
      throw new CloudFrontFault(
        400,
        'InvalidArgument',
        'Your request contains one or more invalid invalidation paths.',
      );
    if (paths.length > MOST.paths)
      throw new CloudFrontFault(413, 'BatchTooLarge', 'Invalidation batch specified is too large.');
    const open = invalidations.filter((one) => one.distributionId === distributionId && one.polls > 0);
    const all = [...paths, ...open.flatMap((one) => one.paths)];
    const wildcards = all.filter((path) => path.endsWith('*')).length;
    if (wildcards > MOST.wildcards || all.length - wildcards > MOST.paths) {
      // A client that may not read them waits like this.
      for (const one of open) one.polls -= 1;
      throw new CloudFrontFault(
        400,
        'TooManyInvalidationsInProgress',
        'Processing your request will cause you to exceed the maximum number of in-progress wildcard invalidations.',
      );
    }
    const made = { id: `I${invalidations.length + 1}`, distributionId, reference, paths, polls };
    invalidations.push(made);
    return made;
  }

  function respond(request: IncomingMessage, body: string): { readonly status: number; readonly document: string } {
    const [action, id, other] = routeOf(request);
    requests.push(`${action} ${id}`);
    verify(request, body, credentials);
    check(action);
    if (action === 'GetCachePolicy') {
      const policy = Object.hasOwn(policies, id) ? policies[id] : undefined;
      if (policy === undefined) throw new CloudFrontFault(404, 'NoSuchCachePolicy', 'The cache policy does not exist.');
      return { status: 200, document: xml({ CachePolicy: { Id: id, ...policyDocument(policy) } }) };
    }
    const distribution = distributionOf(id);
    if (action === 'GetDistributionConfig')
      return { status: 200, document: xml({ DistributionConfig: configDocument(distribution) }) };
    if (action === 'CreateInvalidation') return { status: 201, document: invalidationDocument(create(id, body)) };
    const found = invalidations.find((one) => one.distributionId === id && one.id === other);
    if (found === undefined) throw new CloudFrontFault(404, 'NoSuchInvalidation', 'The invalidation does not exist.');
    found.polls = Math.max(0, found.polls - 1);
    return { status: 200, document: invalidationDocument(found) };
  }

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      try {
        const { status, document } = respond(request, body);
        send(response, status, document);
      } catch (error) {
        const { status, code, message } =
          error instanceof CloudFrontFault ? error : new CloudFrontFault(500, 'InternalError', String(error));
        const document = { Error: { Type: 'Sender', Code: code, Message: message }, RequestId: 'request-1' };
        send(response, status, xml({ ErrorResponse: document }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_ENDPOINT_URL_CLOUDFRONT = url;
  t.after(() => {
    if (process.env.AWS_ENDPOINT_URL_CLOUDFRONT === url) delete process.env.AWS_ENDPOINT_URL_CLOUDFRONT;
    server.closeAllConnections();
    server.close();
  });
  return {
    url,
    requests,
    invalidations,
    paths: (distributionId) =>
      invalidations
        .filter((one) => one.distributionId === distributionId)
        .flatMap((one) => one.paths)
        .sort(),
    count: (action) => requests.filter((one) => one.startsWith(`${action} `)).length,
    deny: (...actions) => {
      for (const action of actions) denied.add(action);
    },
    fail: (action, code, status, times) => void faults.push({ action, code, status, times }),
    clear() {
      requests.length = 0;
      invalidations.length = 0;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString();
}

function send(response: ServerResponse, status: number, document: string): void {
  response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': 'request-1' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${document}`);
}

function routeOf({ method, url = '' }: IncomingMessage): readonly [CloudFrontAction, string, string?] {
  const [, kind, id = '', rest = '', other = ''] = url.startsWith(VERSION)
    ? url.slice(VERSION.length).split('/').map(decodeURIComponent)
    : [];
  if (method === 'GET' && kind === 'cache-policy' && rest === '') return ['GetCachePolicy', id];
  if (kind === 'distribution' && method === 'GET' && rest === 'config') return ['GetDistributionConfig', id];
  if (kind === 'distribution' && method === 'POST' && rest === 'invalidation') return ['CreateInvalidation', id];
  if (kind === 'distribution' && method === 'GET' && rest === 'invalidation') return ['GetInvalidation', id, other];
  throw new CloudFrontFault(404, 'NoSuchResource', `${method} ${url}`);
}

/** Verifies the signature, which is for the service `cloudfront` in `us-east-1`, of all headers that the client has signed. */
function verify(
  request: IncomingMessage,
  body: string,
  { accessKeyId, secretAccessKey }: { readonly accessKeyId: string; readonly secretAccessKey: string },
): void {
  const { authorization = '', 'x-amz-date': date = '' } = request.headers;
  const [, key, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+?), SignedHeaders=(\S+?), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (key === undefined) throw new CloudFrontFault(403, 'MissingAuthenticationToken', 'The request is not signed.');
  if (key !== accessKeyId) throw new CloudFrontFault(403, 'InvalidClientTokenId', 'The security token is invalid.');
  if (!/^\d{8}\/us-east-1\/cloudfront\/aws4_request$/.test(scope))
    throw new CloudFrontFault(403, 'SignatureDoesNotMatch', `Credential should be scoped correctly, not ${scope}.`);
  if (!names.split(';').includes('host'))
    throw new CloudFrontFault(403, 'SignatureDoesNotMatch', 'host is not signed.');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`);
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const canonical = [request.method, request.url, '', headers.join(''), names, sha256(body)].join('\n');
  const secret = scope
    .split('/')
    .reduce<Buffer | string>((key, part) => createHmac('sha256', key).update(part).digest(), `AWS4${secretAccessKey}`);
  const text = `AWS4-HMAC-SHA256\n${String(date)}\n${scope}\n${sha256(canonical)}`;
  if (createHmac('sha256', secret).update(text).digest('hex') !== signature)
    throw new CloudFrontFault(403, 'SignatureDoesNotMatch', 'The signature does not match.');
}

/** Whether unsafe characters of RFC 1738 and what is not ASCII are encoded, and `*` is only at the end. */
function isWellEncoded(path: string): boolean {
  return /^\/[!#-;=?-[\]_a-z~]*$/.test(path) && !/%(?![0-9A-F]{2})|#|\*./i.test(path);
}

type Node = string | number | boolean | { readonly [name: string]: Node | readonly Node[] };

function xml(document: { readonly [name: string]: Node | readonly Node[] }): string {
  return Object.entries(document)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as readonly Node[]) : [value as Node]).map((one) => element(name, one)),
    )
    .join('');
}

function element(name: string, value: Node): string {
  const inside = typeof value === 'object' ? xml(value) : escaped(String(value));
  const isRoot = /^(?:DistributionConfig|CachePolicy|Invalidation|ErrorResponse)$/.test(name);
  return `<${name}${isRoot ? ` xmlns="${XMLNS}"` : ''}>${inside}</${name}>`;
}

function list(name: string, items: readonly Node[]): Node {
  return items.length === 0 ? { Quantity: 0 } : { Quantity: items.length, Items: { [name]: items } };
}

function configDocument({
  rootObject = '',
  origins,
  behaviors = [],
  defaultBehavior = {},
  errors = [],
}: FakeDistribution): {
  readonly [name: string]: Node;
} {
  const all = origins ?? [{ id: 's3', domain: 'site.s3.us-east-1.amazonaws.com' }];
  const target = all[0]?.id ?? 's3';
  const behavior = ({ target: own = target, policy, queryString = false }: Omit<FakeBehavior, 'pattern'>) => ({
    TargetOriginId: own,
    ViewerProtocolPolicy: 'redirect-to-https',
    ...(policy === undefined
      ? { ForwardedValues: { QueryString: queryString, Cookies: { Forward: 'none' }, Headers: { Quantity: 0 } } }
      : { CachePolicyId: policy }),
  });
  return {
    CallerReference: 'made-by-the-test',
    Aliases: { Quantity: 0 },
    DefaultRootObject: rootObject,
    Origins: list(
      'Origin',
      all.map(({ id, domain, path = '' }) => ({ Id: id, DomainName: domain, OriginPath: path })),
    ),
    OriginGroups: { Quantity: 0 },
    DefaultCacheBehavior: behavior(defaultBehavior),
    CacheBehaviors: list(
      'CacheBehavior',
      behaviors.map((one) => ({ PathPattern: one.pattern, ...behavior(one) })),
    ),
    CustomErrorResponses: list(
      'CustomErrorResponse',
      errors.map(({ code, page, seconds }) => ({
        ErrorCode: code,
        ...(page !== undefined && { ResponsePagePath: page, ResponseCode: '200' }),
        ...(seconds !== undefined && { ErrorCachingMinTTL: seconds }),
      })),
    ),
    Comment: '',
    Enabled: true,
  };
}

function policyDocument(policy: FakePolicy): { readonly [name: string]: Node } {
  const behavior = (kind: FakePolicy): string => (policy === kind ? 'whitelist' : 'none');
  return {
    LastModifiedTime: '2026-01-01T00:00:00Z',
    CachePolicyConfig: {
      Name: policy,
      MinTTL: 1,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingGzip: true,
        EnableAcceptEncodingBrotli: true,
        HeadersConfig: { HeaderBehavior: behavior('headers') },
        CookiesConfig: { CookieBehavior: behavior('cookies') },
        QueryStringsConfig: { QueryStringBehavior: policy === 'query' ? 'all' : 'none' },
      },
    },
  };
}

function invalidationDocument({ id, polls, paths, reference }: FakeInvalidation): string {
  return xml({
    Invalidation: {
      Id: id,
      Status: polls > 0 ? 'InProgress' : 'Completed',
      CreateTime: '2026-01-01T00:00:00Z',
      InvalidationBatch: { Paths: list('Path', paths), CallerReference: reference },
    },
  });
}

function textOf(document: string, name: string): string {
  return unescaped(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(document)?.[1] ?? '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text
    .replaceAll(/&#x([0-9a-f]+);/gi, (_whole, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
