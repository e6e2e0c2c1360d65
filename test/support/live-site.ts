import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import type { Cleanup } from './tree.js';

/** One response of the site. */
export interface SitePage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request that it received. */
export interface SiteRequest {
  /** As in the request line. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** How many requests for this path came before. */
  readonly count: number;
}

/** Changes a response, as a CDN does; `hang` never responds, `drop` closes the connection. */
export type Change = (page: SitePage, request: SiteRequest) => SitePage | 'hang' | 'drop';

export interface LiveSiteOptions {
  /** @default 'site' */
  readonly bucket?: string;
  /** Part of all keys, which no URL has. */
  readonly prefix?: string;
  /** A part of all URLs before the keys, which ends with a slash. @default '/' */
  readonly path?: string;
  /** `website`: index documents, redirects, and 404; `rest`: a default root object only, and 403. @default 'website' */
  readonly origin?: 'website' | 'rest';
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly change?: Change;
}

export interface LiveSite {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SiteRequest[];
  /** Their paths, in order of their text. */
  readonly paths: () => readonly string[];
}

/** A site that serves the objects of a bucket of the embedded server, in the place of a CDN or a website endpoint of S3. */
export async function liveSite(t: Cleanup, server: S3Server, options: LiveSiteOptions = {}): Promise<LiveSite> {
  const { change = (page) => page, path = '/', tls } = options;
  const requests: SiteRequest[] = [];
  const listener: RequestListener = (incoming, outgoing) => {
    const request = recorded(incoming, requests);
    requests.push(request);
    const page = change(pageOf(server, request.path, { ...options, path }), request);
    if (page === 'drop') incoming.socket.destroy();
    else if (page !== 'hang') send(outgoing, page);
  };
  const http = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    http.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}${path}`,
    port,
    requests,
    paths: () => requests.map((request) => request.path).sort(),
  };
}

function recorded({ url = '', method = '', headers }: IncomingMessage, before: readonly SiteRequest[]): SiteRequest {
  return { path: url, method, headers, count: before.filter((one) => one.path === url).length };
}

function send(outgoing: ServerResponse, { status, headers, body }: SitePage): void {
  outgoing.writeHead(status, { ...headers, 'content-length': String(body.length) }).end(body);
}

const SENT = ['content-type', 'content-encoding', 'cache-control'] as const;
const REDIRECT = 'x-amz-website-redirect-location';

function pageOf(
  server: S3Server,
  url: string,
  { bucket = 'site', prefix = '', path = '/', origin = 'website' }: LiveSiteOptions,
): SitePage {
  if (!url.startsWith(path)) return errorPage(404);
  const rest = decodeURIComponent(url.slice(path.length));
  const isIndex = rest === '' || (rest.endsWith('/') && origin === 'website');
  const found =
    server.object(bucket, prefix + rest) ?? (isIndex ? server.object(bucket, `${prefix}${rest}index.html`) : undefined);
  if (found === undefined) return errorPage(origin === 'rest' ? 403 : 404);
  const { [REDIRECT]: location } = found.headers;
  if (location !== undefined && origin === 'website')
    return { status: 301, headers: { location }, body: Buffer.alloc(0) };
  const kept = SENT.flatMap((name) => {
    const value = found.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { status: 200, headers: { ...Object.fromEntries(kept), etag: `"${found.etag}"` }, body: found.body };
}

export function errorPage(status: number): SitePage {
  return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from(`<h1>${status}</h1>`) };
}

/** What a CDN does with all pages in HTML: no ETag, and a script at the end. */
export const injecting: Change = (page) => {
  if (!isHtml(page)) return page;
  const { etag: _, ...headers } = page.headers;
  return { ...page, headers, body: Buffer.concat([page.body, Buffer.from('<script src="/cdn/beacon.js"></script>')]) };
};

/** Compresses what is not compressed. */
export const gzipping: Change = (page) =>
  page.headers['content-encoding'] !== undefined || page.status !== 200
    ? page
    : {
        ...page,
        headers: { ...page.headers, 'content-encoding': 'gzip', etag: `W/${page.headers.etag}` },
        body: gzipSync(page.body),
      };

/** Serves other pages for the first requests of each path, as a cache does until it has been invalidated. */
export function staleFor(tries: number, old: (path: string) => SitePage | undefined): Change {
  return (page, { path, count }) => (count < tries ? (old(path) ?? page) : page);
}

/** A page as a cache had it. */
export function cachedPage(body: string, headers: Readonly<Record<string, string>> = {}): SitePage {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body: Buffer.from(body) };
}

export function isHtml({ status, headers }: SitePage): boolean {
  return status === 200 && (headers['content-type'] ?? '').startsWith('text/html');
}
