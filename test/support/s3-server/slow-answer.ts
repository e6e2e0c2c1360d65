import type { ServerResponse } from 'node:http';
import { type Answer, type Envelope, writeHead } from './answer.js';
import { XML_HEAD } from './xml.js';

/** Sends a document as S3 does while it is still at work: the declaration at once, spaces that keep the connection alive, then the rest. */
export function sendSlowly(
  response: ServerResponse,
  answer: Answer,
  envelope: Envelope,
  pace: { readonly ms: number; readonly every: number },
): void {
  const document = String(answer.body ?? '');
  const isXml = document.startsWith(XML_HEAD);
  writeHead(response, answer, envelope, undefined);
  response.write(isXml ? XML_HEAD : ' ');
  const spaces = setInterval(() => response.write(' '), pace.every);
  const end = setTimeout(() => {
    clearInterval(spaces);
    response.end(isXml ? document.slice(XML_HEAD.length) : document);
  }, pace.ms);
  response.once('close', () => {
    clearInterval(spaces);
    clearTimeout(end);
  });
}
