import type { AnswerReader } from './answer-reader.js';
import type { HttpAnswer, HttpRequest } from './http-client.js';
import type { InFlight } from './watchdog.js';

/** One request on its way. */
export interface Exchange extends InFlight {
  readonly request: HttpRequest;
  readonly reader: AnswerReader;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
  /** The system has taken all of the body. */
  whole: boolean;
  /** Of a body in slices, once it is being sent. */
  slices?: AsyncIterator<Buffer>;
}
