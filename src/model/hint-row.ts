import type { Text } from '../report/message.js';
import type { Verb } from './verbs.js';

/** What this machine does, where an error is the system's: reading a source, writing temporary bytes, writing a log or a report. */
export type LocalVerb = 'read' | 'spool' | 'write';

/** The facts of a failure that a hint may use. */
export interface Failure {
  /** S3's error code, another server's, or the system's. */
  readonly code: string;
  readonly verb: Verb | LocalVerb;
  /** What the server or the system says; a row reads it to know what it must not contradict. */
  readonly message?: string | undefined;
  readonly bucket?: string;
  /** The region that the response names. */
  readonly region?: string | undefined;
  /** Origin that a redirect leads to. */
  readonly location?: string | undefined;
  /** How the bucket is reached; undefined where that is not known. */
  readonly settings?: HintSettings | undefined;
}

/** The options that hints depend on. */
export interface HintSettings {
  readonly endpointUrl?: string | undefined;
  /** The endpoint is of AWS_ENDPOINT_URL or the profile, not of the option. */
  readonly endpointOfEnvironment?: boolean | undefined;
  readonly proxy?: string | undefined;
  readonly profile?: string | undefined;
  /** The option that names the owner of this bucket. @default 'expectedBucketOwner' */
  readonly ownerOption?: string | undefined;
}

/** One row of the table of hints: the first row that holds gives the hint. */
export interface HintRow {
  /** One code, several, or a pattern of codes. */
  readonly codes: string | readonly string[] | RegExp;
  /** Only for these verbs. */
  readonly verbs?: readonly Failure['verb'][];
  /** Only where the message says this. */
  readonly says?: RegExp;
  /** Never where the message says this: the hint would contradict it. */
  readonly unless?: RegExp;
  /** Only with such settings. A row without it holds with any. */
  readonly setting?: (settings: HintSettings) => boolean;
  /** The code in plain words, in the place of the system's own. */
  readonly what?: string;
  readonly hint: Text | ((failure: Failure) => Text);
}

/** How what has gone is fixed, for a file and for an object. */
export const GONE_HINT = 'It was removed or renamed after it was found; run again once nothing changes the source.';
