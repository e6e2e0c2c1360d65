import { gzipSync } from 'node:zlib';
import type { S3Mode } from '../mode.js';
import type { Answer } from './answer.js';

/** A response whose document, if it has one, is sent as the mode wants. Objects are bytes and stay as they are. */
export function dressed(answer: Answer, { documents }: S3Mode): Answer {
  const { headers, body } = answer;
  if (documents === 'plain' || typeof body !== 'string' || body === '') return answer;
  if (documents === 'gzip')
    return { ...answer, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(body) };
  return { ...answer, body: body.replace(/<(\/?)(?=[A-Za-z])/g, '<$1ns0:').replace(' xmlns=', ' xmlns:ns0=') };
}
