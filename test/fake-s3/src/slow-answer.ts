import type { ServerResponse } from 'node:http';
import { type Answer, type Envelope, writeHead } from './http/answer.js';
import { XML_HEAD } from './http/xml.js';

/**
 * Sends a document as S3 does during a long operation: the declaration immediately, spaces that keep the connection alive,
 * then the rest. Of an object only the head is sent immediately, because spaces would become bytes of it.
 */
export function sendSlowly(
  response: ServerResponse,
  answer: Answer,
  envelope: Envelope,
  pace: { readonly ms: number; readonly every: number },
): void {
  const { body = '' } = answer;
  const begun = typeof body !== 'string' ? '' : body.startsWith(XML_HEAD) ? XML_HEAD : ' ';
  writeHead(response, answer, envelope, undefined);
  response.flushHeaders();
  if (begun !== '') response.write(begun);
  // Counts spaces instead of time: on a busy machine a timer may be late.
  let left = Math.ceil(pace.ms / pace.every);
  const timer = setInterval(() => {
    if (begun !== '') response.write(' ');
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    response.end(begun === XML_HEAD ? body.slice(XML_HEAD.length) : body);
  }, pace.every);
  response.once('close', () => clearInterval(timer));
}
