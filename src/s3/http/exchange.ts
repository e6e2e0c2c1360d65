import type { AnswerReader } from './answer-reader.js';
import type { HttpAnswer, HttpRequest } from './http-client.js';

/** One request on its way. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly reader: AnswerReader;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
  /** Bytes of the body that the system has taken. */
  sent: number;
  whole: boolean;
  /** Of a body in slices, once it is being sent. */
  slices?: AsyncIterator<Buffer>;
}
