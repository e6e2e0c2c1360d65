import type { FileRange } from '../../model/content.js';
import type { Address } from '../../s3/address.js';
import type { ConnectionDefaults } from '../../s3/http/connection-defaults.js';
import type { Patience } from '../../s3/http/http-client.js';
import type { CheckKind } from '../../s3/integrity.js';
import type { SigningCredentials } from '../../s3/sign.js';
import type { RequestConstants } from '../../s3/wire/signed-request.js';
import type { ThreadAlgorithm } from './program.js';

// What goes to a thread and comes back: plain values, which the system copies.

/** What all requests of a thread share. */
export interface SenderOptions extends RequestConstants {
  readonly patience: Patience;
  readonly proxy: string | undefined;
  /** Those of the main thread. */
  readonly defaults: ConnectionDefaults;
}

/** One attempt of one request whose body is a range of a file. */
export interface SendTask {
  readonly id: number;
  readonly verb: 'PutObject' | 'UploadPart';
  readonly key: string;
  readonly file: FileRange;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>> | undefined;
  /** The check that the body is sent with. */
  readonly check: CheckKind;
  readonly address: Address;
  readonly credentials: SigningCredentials;
  /** What the server's clock shows more than this machine's, in ms. */
  readonly clockOffset: number;
  /** The number of the signal that aborts it. */
  readonly signal: number;
  /** Only over a connection that was never used. */
  readonly newConnection: boolean;
}

/** What goes to a thread for its sender, collected in one turn of the event loop. */
export interface SenderMessage {
  readonly kind: 'send';
  readonly tasks: readonly SendTask[];
  /** Numbers of signals that are aborted now. */
  readonly aborted: readonly number[];
}

/** The check that a body was sent with, as the thread computed it. */
export interface ComputedCheck {
  /** Of the check's header; empty without one. */
  readonly value: string;
  /** Lower-case hex, where the response needs it. */
  readonly md5: string | undefined;
}

/** How an attempt ended. */
export type SendEnd =
  | {
      readonly end: 'response';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      readonly check: ComputedCheck;
    }
  /** The file is not what was seen, or cannot be read: nothing was sent. */
  | { readonly end: 'unread' }
  /** There was no complete response. */
  | { readonly end: 'failed'; readonly code: string; readonly message: string }
  | { readonly end: 'aborted'; readonly inFlight: boolean };

export type SendResult = SendEnd & { readonly id: number };

/** All that goes to a thread. */
export type ThreadMessage =
  | SenderMessage
  | { readonly kind: 'load'; readonly url: string; readonly options: SenderOptions }
  | ({ readonly kind: 'file'; readonly id: number; readonly algorithm: ThreadAlgorithm } & FileRange)
  | { readonly kind: 'stop'; readonly id: number }
  | SliceMessage;

/** A slice of a content to hash. */
export interface SliceMessage {
  readonly kind: 'slice';
  readonly id: number;
  readonly algorithm: ThreadAlgorithm;
  /** Owns its whole memory, which moves to the thread and back: a view into a larger buffer would move that buffer too. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** How many of the bytes are used. */
  readonly length?: number;
  readonly done?: true;
}

/** All that comes back from a thread. */
export type ThreadAnswer =
  | { readonly id: number; readonly digest: Uint8Array | undefined; readonly bytes?: Uint8Array<ArrayBuffer> }
  | { readonly loaded: boolean; readonly why?: string }
  | { readonly results: readonly SendResult[] };
