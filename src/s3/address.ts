import type { S3Client } from '@aws-sdk/client-s3';
import { sdk } from './sdk.js';

/** Where a bucket's requests go and what they are signed for. */
export interface Address {
  /** `https://host`, with the port where it is not the scheme's own. */
  readonly origin: string;
  readonly host: string;
  readonly secure: boolean;
  /** Before every key: empty, or begins with `/` and does not end with it. */
  readonly basePath: string;
  readonly signingRegion: string;
  readonly signingName: string;
  /** Plain Signature Version 4 is all it takes. S3 Express, multi-region access points and the like want more, which only the SDK knows. */
  readonly plain: boolean;
}

/** What the SDK has worked out about a request before it is built. */
interface Resolved {
  readonly endpointV2?: {
    readonly url: URL;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly properties?: { readonly authSchemes?: readonly AuthScheme[]; readonly backend?: string };
  };
}

interface AuthScheme {
  readonly name: string;
  readonly signingName?: string;
  readonly signingRegion?: string;
}

/** Where a bucket's requests go if it is in this region. Rejects with what the endpoint rules refuse. */
export type AskAddress = (region: string) => Promise<Address>;

/**
 * Asks the SDK's endpoint rules, with all of a client's configuration, where a bucket's requests go. Makes no request: the SDK is stopped once it
 * has worked that out.
 * @param client which is only for this: its region changes; it needs no credentials that are any good
 */
export function askAddress(client: S3Client, bucket: string): AskAddress {
  return (region) => {
    client.config.region = async () => region;
    return addressOf(client, bucket, region);
  };
}

async function addressOf(client: S3Client, bucket: string, region: string): Promise<Address> {
  const { HeadObjectCommand } = sdk();
  const command = new HeadObjectCommand({ Bucket: bucket, Key: 'key' });
  let resolved: Resolved = {};
  const stop = (_next: unknown, context: Resolved) => async () => {
    resolved = context;
    return { response: undefined, output: { $metadata: {} } };
  };
  const stack: { add(middleware: unknown, options: object): void } = command.middlewareStack;
  stack.add(stop, { step: 'build', priority: 'high', name: 'askAddress' });
  await client.send(command);
  const { endpointV2: endpoint } = resolved;
  if (endpoint === undefined) throw new Error('The AWS SDK does not tell its endpoint.');
  const { url, headers = {}, properties = {} } = endpoint;
  const [scheme] = properties.authSchemes ?? [{ name: 'sigv4' }];
  // What an endpoint says for itself is kept; the rules know only https.
  const secure = url.protocol === 'https:' && client.config.tls !== false;
  return {
    origin: `${secure ? 'https' : 'http'}://${url.host}`,
    host: url.host,
    secure,
    basePath: url.pathname.replace(/\/$/, ''),
    signingRegion: scheme?.signingRegion ?? region,
    signingName: scheme?.signingName ?? 's3',
    plain:
      scheme?.name === 'sigv4' &&
      (scheme.signingName ?? 's3') === 's3' &&
      properties.backend === undefined &&
      Object.keys(headers).length === 0 &&
      url.search === '',
  };
}
