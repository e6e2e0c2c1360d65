import type { HttpRequest } from './http-client.js';

/** Methods whose requests announce a body even where it is empty (RFC 9110, 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(['PUT', 'POST', 'PATCH']);
const TARGET = /^[!-~]+$/;
/** What a line may hold; anything above Latin-1 would be cut to a byte, and a line break could come of that. */
const VALUE = /^[\t -~\x80-\xff]*$/;

/**
 * The head of a request as text in Latin-1. Throws `TypeError` where a header or the target would break out of its line: they are checked where
 * they come from, so that is a mistake here.
 * @param target what stands in the request line; a proxy wants the whole URL
 */
export function requestHead(request: HttpRequest, target: string = request.target): string {
  if (!TARGET.test(target)) throw new TypeError(`the request target ${JSON.stringify(target)} is not encoded`);
  let head = `${request.method} ${target} HTTP/1.1\r\n`;
  for (const name in request.headers) {
    const value = request.headers[name] ?? '';
    if (!VALUE.test(value)) throw new TypeError(`the header ${name} holds a line break, or what is not Latin-1`);
    head += `${name}: ${value}\r\n`;
  }
  const { body, method } = request;
  if ((body !== undefined || WITH_BODY.has(method)) && request.headers['content-length'] === undefined)
    head += `content-length: ${body?.length ?? 0}\r\n`;
  return `${head}\r\n`;
}
