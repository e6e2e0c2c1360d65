import { VERSION } from '../model/version.js';
import { AbortedInFlight, type HttpClient, HttpFailure } from '../s3/http/http-client.js';
import { redirectTarget } from './addresses.js';
import { ACCEPT_ENCODING } from './decode.js';
import { MOST_BODY_BYTES, type Served } from './judge.js';

/** There was no complete response. */
export interface NoResponse {
  /** Of the system, or of the client. */
  readonly code: string;
  /** What follows the URL in a sentence. */
  readonly problem: string;
}

/** Redirects that are followed for one URL: from `index.html` to the folder, and from there to the one with a slash. */
const MOST_REDIRECTS = 3;

/**
 * GETs a URL without credentials and cookies, as a visitor's browser does: no header asks caches to look again, for the live check is about what caches
 * serve. Follows redirects between the URLs of one page on the same origin.
 * @throws AbortedInFlight, or the reason of the signal, where that is aborted
 */
export async function getPage(http: HttpClient, url: string, signal: AbortSignal): Promise<Served | NoResponse> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    let served: Served;
    try {
      served = await get(http, at, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AbortedInFlight) throw error;
      return { code: error instanceof HttpFailure ? error.code : 'unknown', problem: problemOf(error) };
    }
    const location = served.status >= 300 && served.status < 400 ? served.header('location') : undefined;
    const target = location === undefined ? undefined : redirectTarget(at, location);
    if (target?.is !== 'same-page' || target.url === at || redirects >= MOST_REDIRECTS) return served;
    at = target.url;
  }
}

async function get(http: HttpClient, url: string, signal: AbortSignal): Promise<Served> {
  const { origin, host } = new URL(url);
  const headers = {
    host,
    accept: '*/*',
    'accept-encoding': ACCEPT_ENCODING,
    'user-agent': `s3-parallel-put/${VERSION} (live check)`,
  };
  const target = url.slice(origin.length);
  const request = { origin, method: 'GET', target, headers, maxResponseBytes: MOST_BODY_BYTES };
  const { status, header, body } = await http.send(request, signal);
  return { url, status, header, body };
}

/** Codes of certificates that Node does not accept. */
export const CERTIFICATE: RegExp = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has a host name that does not resolve',
  ECONNREFUSED: 'accepts no connections',
  ConnectTimeout: 'does not accept connections in time',
  SilentServer: 'does not respond',
  TruncatedAnswer: 'closes the connection in the middle of the response',
  ECONNRESET: 'closes the connection before the response',
};

function problemOf(error: unknown): string {
  const { code = '', message } = error instanceof HttpFailure ? error : { message: String(error) };
  if (CERTIFICATE.test(code)) return `has a certificate that is not accepted: ${message} (${code})`;
  const known = PROBLEMS[code];
  return known === undefined ? `could not be fetched: ${message}` : `${known} (${code})`;
}
