import { ConfigError } from '../config/config-error.js';
import { readAtMost } from '../config/read-file.js';
import { UsageError } from '../errors.js';
import type { Credentials } from '../options/types.js';

/** The options for one side from a file of s3cmd. */
export interface S3cfg {
  readonly credentials: Credentials;
  /** Undefined for AWS. */
  readonly endpointUrl: string | undefined;
  readonly region: string | undefined;
  /** Whether the bucket is in the path of URLs; undefined if the file does not say. */
  readonly pathStyle: boolean | undefined;
  readonly proxy: string | undefined;
}

/** One value, and its line. */
interface Entry {
  readonly value: string;
  readonly line: number;
}

const MOST_BYTES = 1024 * 1024;
const AWS = 's3.amazonaws.com';
/** Names of s3cmd for two regions. */
const REGIONS: Readonly<Record<string, string>> = { US: 'us-east-1', EU: 'eu-west-1' };

/** Reads a file of s3cmd. Throws `UsageError` with file and line, but never with a value, which may be secret. */
export function readS3cfg(file: string, secure: boolean | undefined): S3cfg {
  return parseS3cfg(file, textOf(file), secure);
}

/** Parses the text of such a file; `secure` overrides its `use_https`. @internal */
export function parseS3cfg(file: string, text: string, secure: boolean | undefined): S3cfg {
  const { entries, section } = parseEntries(file, text);
  const get = (name: string): string | undefined => entries.get(name)?.value || undefined;
  const needed = (name: string): string => get(name) ?? missingError(file, name, entries.get(name)?.line ?? section);
  const base = get('host_base');
  const https = secure ?? !/^(?:false|no|off|0)$/i.test(get('use_https') ?? '');
  const location = get('bucket_location');
  const token = get('access_token') ?? get('session_token');
  return {
    credentials: {
      accessKeyId: needed('access_key'),
      secretAccessKey: needed('secret_key'),
      ...(token !== undefined && { sessionToken: token }),
    },
    endpointUrl: base === undefined || base.toLowerCase() === AWS ? undefined : endpointOf(base, https),
    region: location === undefined ? undefined : (REGIONS[location.toUpperCase()] ?? location),
    pathStyle: pathStyleOf(get('host_bucket'), base),
    proxy: proxyOf(get('proxy_host'), get('proxy_port')),
  };
}

function endpointOf(base: string, https: boolean): string {
  return base.includes('://') ? base : `${https ? 'https' : 'http'}://${base}`;
}

function pathStyleOf(bucket: string | undefined, base: string | undefined): boolean | undefined {
  if (bucket === undefined) return undefined;
  if (!bucket.includes('%(bucket)')) return true;
  // If only host_base was changed, host_bucket is still that of AWS and means nothing.
  return bucket.replace('%(bucket)s.', '') === base ? false : undefined;
}

function proxyOf(host: string | undefined, port: string | undefined): string | undefined {
  return host !== undefined && /^[\w.-]+$/.test(host) && /^[1-9]\d*$/.test(port ?? '')
    ? `http://${host}:${port}`
    : undefined;
}

/** The entries of the section `default` and before any section; of two with one name the later wins, as in s3cmd. */
function parseEntries(
  file: string,
  text: string,
): { readonly entries: ReadonlyMap<string, Entry>; readonly section: number } {
  const entries = new Map<string, Entry>();
  let own = true;
  let section = 1;
  for (const [index, whole] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const [line, place] = [whole.trim(), index + 1];
    if (line === '' || /^[#;]/.test(line)) continue;
    const name = /^\[\s*([^\]]*?)\s*\]$/.exec(line)?.[1];
    if (name !== undefined) {
      own = name.toLowerCase() === 'default';
      if (own) section = place;
      continue;
    }
    if (!own) continue;
    const [, key, value] = /^(\w+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined)
      throw new ConfigError(
        file,
        { line: place, column: 1 },
        'The line is not "name = value".',
        'Is it a file of s3cmd?',
      );
    entries.set(key.toLowerCase(), { value: value.replace(/^"(.*)"$/, '$1'), line: place });
  }
  return { entries, section };
}

function missingError(file: string, name: string, line: number): never {
  throw new ConfigError(
    file,
    { line, column: 1 },
    `The section "default" has no ${name}.`,
    'To use credentials of the AWS configuration, give --profile instead.',
  );
}

function textOf(file: string): string {
  let bytes: Buffer | undefined;
  try {
    bytes = readAtMost(file, MOST_BYTES);
    if (bytes !== undefined) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (bytes !== undefined) throw new UsageError(`The file "${file}" is not UTF-8.`, 'Is it a file of s3cmd?');
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new UsageError(`The file "${file}" does not exist.`, 'Paths are relative to the working directory.');
    throw new UsageError(`The file "${file}" cannot be read (${code}).`);
  }
  throw new UsageError(`The file "${file}" is larger than 1 MiB.`, 'Is it a file of s3cmd?');
}
