import { given, msg } from '../report/message.js';
import { unlikelyName } from './bucket-name.js';
import type { HintRow, HintSettings } from './hint-row.js';

const TLS = /^(?:EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/;
const isPlain = ({ endpointUrl = '' }: HintSettings): boolean => endpointUrl.startsWith('https:');
const hasProxy = ({ proxy }: HintSettings): boolean => proxy !== undefined;

/** What OpenSSL and others say about a server that does not speak TLS. */
const NO_TLS = /wrong version number|packet length too long|http request|unknown protocol/i;

/** Hints for connections, and for pages that come in the place of a response. @internal */
export const CONNECTION_HINTS: readonly HintRow[] = [
  {
    codes: ['EMFILE', 'ENFILE'],
    hint: () => msg`Raise the limit of open files (ulimit -n), or lower {concurrency}.`,
  },
  {
    codes: 'EADDRNOTAVAIL',
    hint: () => msg`This machine has no local port left for a connection. Lower {concurrency}, or wait a minute.`,
  },
  {
    codes: 'ECONNREFUSED',
    setting: hasProxy,
    hint: () =>
      msg`Nothing listens at the proxy, or it does not reach the server. Check {proxy} and HTTPS_PROXY; NO_PROXY names hosts to reach without it.`,
  },
  {
    codes: ['ECONNREFUSED', 'ENOTFOUND'],
    setting: ({ endpointOfEnvironment }) => endpointOfEnvironment === true,
    hint: ({ settings }) =>
      msg`The endpoint ${settings?.endpointUrl} is that of AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile. Correct it there, or give {endpointUrl}.`,
  },
  {
    codes: 'ECONNREFUSED',
    hint: () => msg`Nothing listens at this endpoint. Check {endpointUrl} and that the server runs.`,
  },
  {
    codes: 'ENOTFOUND',
    setting: hasProxy,
    hint: () =>
      msg`The host name of the proxy or of the endpoint does not resolve. Check {proxy}, HTTPS_PROXY and {endpointUrl}.`,
  },
  {
    codes: 'ENOTFOUND',
    // A name that no host can have goes into the path: it is not why the host is unknown, but is wrong all the same.
    hint: (failure) => {
      const doubt = unlikelyName(failure);
      return msg`The host name does not resolve. Check {endpointUrl}, region and bucket; a server without virtual hosts needs {forcePathStyle}.${doubt === undefined ? '' : ` ${doubt}`}`;
    },
  },
  { codes: 'EAI_AGAIN', hint: 'The name server does not respond. Check the network and the DNS of this machine.' },
  {
    codes: ['EHOSTUNREACH', 'ENETUNREACH'],
    hint: () => msg`No network leads to the endpoint. Check the network or VPN of this machine, and {endpointUrl}.`,
  },
  {
    codes: ['ETIMEDOUT', 'ConnectTimeout', 'UND_ERR_CONNECT_TIMEOUT'],
    hint: () =>
      msg`The host does not accept connections; a firewall may drop them. Check {endpointUrl} with its port, and whether a {proxy} is needed.`,
  },
  {
    codes: 'TruncatedAnswer',
    says: /: the response /,
    hint: () =>
      msg`The document is not one of S3: the server writes it so, or something between cuts or changes it. Check {endpointUrl}, the proxy, and the version of the server.`,
  },
  {
    codes: ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET', 'TruncatedAnswer'],
    hint: () =>
      msg`The server, or something between, closes connections early. Check its log; lower {concurrency} if it is overloaded.`,
  },
  {
    codes: ['StalledSend', 'TimeoutError'],
    hint: () => msg`The connection stands still. Check the network; lower {concurrency} if it is overloaded.`,
  },
  {
    codes: 'SilentServer',
    hint: () => msg`The server accepts requests and does not respond. Check its log, and {endpointUrl} with its port.`,
  },
  {
    codes: 'MalformedAnswer',
    hint: () => msg`What responds does not speak HTTP as S3 does. Check {endpointUrl} with its port.`,
  },
  {
    codes: TLS,
    says: NO_TLS,
    setting: isPlain,
    hint: ({ settings }) =>
      msg`The server speaks plain HTTP at this port. Write ${given('endpointUrl', (settings?.endpointUrl ?? '').replace(/^https:/, 'http:'))}; without a scheme, {secure: false} means the same.`,
  },
  {
    codes: TLS,
    says: NO_TLS,
    hint: () => msg`The endpoint does not speak TLS. Use an http:// endpoint, or {secure: false}.`,
  },
  {
    codes: TLS,
    says: /alert|handshake failure|unsupported protocol|version too low|no shared cipher|no protocols/i,
    hint: 'The server and Node have no version of TLS or no cipher in common. Update the server, or what ends TLS before it.',
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    hint: ({ bucket = '' }) =>
      bucket.includes('.')
        ? msg`No certificate covers the dots of the bucket's name as a host name. Set {forcePathStyle: true}.`
        : msg`The certificate belongs to another host. Check {endpointUrl}; a server without virtual hosts needs {forcePathStyle}.`,
  },
  {
    codes: 'CERT_HAS_EXPIRED',
    hint: "The endpoint's certificate has expired. Renew it at the server; if it is valid, this machine's clock is wrong.",
  },
  {
    codes: 'CERT_NOT_YET_VALID',
    hint: "The endpoint's certificate is not valid yet. Check the clocks of this machine and of the server.",
  },
  { codes: 'CERT_REVOKED', hint: "The endpoint's certificate is revoked. Renew it at the server." },
  {
    codes: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/,
    hint: "Node does not trust the endpoint's certificate. Name its CA in NODE_EXTRA_CA_CERTS.",
  },
  {
    codes: 'EPROTO',
    hint: () =>
      msg`The endpoint does not speak TLS as Node does. Check {endpointUrl}; for plain HTTP use an http:// endpoint, or {secure: false}.`,
  },
  {
    codes: TLS,
    hint: () => msg`TLS with the endpoint failed. Check {endpointUrl}, and what ends TLS before the server.`,
  },
  {
    codes: 'ProxyRefused',
    says: /\b407\b/,
    hint: () => msg`The proxy wants a user and a password. Name them in {proxy}: http://user:password@host:port.`,
  },
  {
    codes: 'ProxyRefused',
    says: /\b40[35]\b/,
    hint: 'The rules of the proxy do not let this host through. Allow it there, or name it in NO_PROXY.',
  },
  {
    codes: 'ProxyRefused',
    hint: () =>
      msg`The proxy does not reach the endpoint. Check {proxy} and {endpointUrl}; NO_PROXY names hosts to reach without it.`,
  },
  {
    codes: ['ERR_INVALID_CHAR', 'ERR_HTTP_INVALID_HEADER_VALUE'],
    hint: 'A value holds a character that no header can have. Check credentials and headers for line breaks and letters that are not ASCII.',
  },

  // Pages in the place of a response.
  {
    codes: ['ContentTooLarge', 'NotAnS3Answer'],
    says: /request entity too large|payload too large|content too large|^413\b/i,
    hint: () =>
      msg`A proxy before the server limits the size of a body. Set a smaller {partSize} and {multipartThreshold}, or raise its limit (nginx: client_max_body_size).`,
  },
  {
    codes: 'ContentTooLarge',
    hint: () =>
      msg`A proxy or the server limits the size of a body. Set a smaller {partSize} and {multipartThreshold}, or raise the limit (nginx: client_max_body_size).`,
  },
  {
    codes: 'UriTooLong',
    hint: 'A proxy before the server limits the length of addresses, and with them of keys. Raise its limit.',
  },
  {
    codes: 'HeadersTooLarge',
    hint: () =>
      msg`A proxy or the server limits the size of headers. Shorten {metadata} and {tagging}, or raise the limit.`,
  },
  {
    codes: 'ProxyAuthenticationRequired',
    hint: () => msg`The proxy wants a user and a password. Name them in {proxy}: http://user:password@host:port.`,
  },
  {
    codes: ['NotAnS3Answer', 'BadRequest'],
    says: /http request (?:was sent )?to (?:an )?https/i,
    hint: () => msg`The server speaks TLS. Write {endpointUrl} with https://.`,
  },
  {
    codes: 'NotAnS3Answer',
    says: /\b405 (?:method )?not allowed|MethodNotAllowed/i,
    hint: () =>
      msg`The endpoint serves pages and takes no objects, as the address of a website or a CDN does. Check {endpointUrl}; AWS needs none.`,
  },
  {
    codes: 'NotAnS3Answer',
    says: /minio browser|<title>\s*(?:minio|rustfs)\b/i,
    hint: () =>
      msg`This is the port of a Console. Name that of the API of S3 in {endpointUrl}; MinIO's is 9000 by default.`,
  },
  {
    codes: 'NotAnS3Answer',
    setting: ({ endpointUrl = '' }) => /:9001\b/.test(endpointUrl),
    hint: () =>
      msg`Port 9001 is usually that of MinIO's Console. Name that of its API in {endpointUrl}; it is 9000 by default.`,
  },
  {
    codes: 'NotAnS3Answer',
    says: /cloudflare|captcha|web application firewall|request blocked|incapsula|akamai/i,
    hint: 'A firewall before the server refuses the request. Let its rules pass this machine, or reach the server without it.',
  },
  {
    codes: 'NotAnS3Answer',
    hint: 'Check the endpoint, and whether a proxy or a login page responds in its place.',
  },
];
