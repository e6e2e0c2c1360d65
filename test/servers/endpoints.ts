import type { Endpoint } from 'fake-s3';

/** A server under the name that the table of expectations knows it by. */
export interface NamedEndpoint extends Endpoint {
  readonly name: string;
}

const FORM =
  'Write name=url,key,secret with spaces between servers, or JSON: [{"name","url","accessKeyId","secretAccessKey"}].';

/**
 * The servers that `S3PP_SERVERS` names: `name=url,key,secret` with spaces between them, or JSON. The region is `us-east-1` unless it is said
 * (fourth value, `region` in JSON). Throws for what is neither.
 */
export function endpointsOf(text: string): NamedEndpoint[] {
  const named = text.trim().startsWith('[') ? fromJson(text) : text.trim().split(/\s+/).map(fromWord);
  if (named.length === 0) throw new Error(`S3PP_SERVERS names no server. ${FORM}`);
  return named;
}

function fromWord(word: string): NamedEndpoint {
  const equals = word.indexOf('=');
  const [url, accessKeyId, secretAccessKey, region] = word.slice(equals + 1).split(',');
  // The word holds a secret, so it is not shown.
  return checked(equals < 1 ? {} : { name: word.slice(0, equals), url, accessKeyId, secretAccessKey, region });
}

function fromJson(text: string): NamedEndpoint[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`S3PP_SERVERS is not JSON. ${FORM}`);
  }
  if (!Array.isArray(parsed)) throw new Error(`S3PP_SERVERS is no list. ${FORM}`);
  return parsed.map((one: unknown) => checked(one instanceof Object ? one : {}));
}

function checked(given: Partial<Record<keyof NamedEndpoint, unknown>>): NamedEndpoint {
  const { name, url, accessKeyId, secretAccessKey, region = 'us-east-1' } = given;
  for (const value of [name, url, accessKeyId, secretAccessKey, region]) {
    if (typeof value !== 'string' || value === '') throw new Error(`S3PP_SERVERS cannot be read. ${FORM}`);
  }
  if (!URL.canParse(String(url))) throw new Error(`S3PP_SERVERS: ${url} is no address. ${FORM}`);
  return {
    name: String(name),
    url: new URL(String(url)).origin,
    accessKeyId: String(accessKeyId),
    secretAccessKey: String(secretAccessKey),
    region: String(region),
  };
}

/** Servers for a test file, which `run.ts` or somebody by hand has started. */
export function serversUnderTest(): NamedEndpoint[] {
  const text = process.env.S3PP_SERVERS ?? '';
  if (text.trim() === '') throw new Error('These tests need S3 servers: run them with "npm run test:servers".');
  return endpointsOf(text);
}
