import type { S3Client } from '@aws-sdk/client-s3';
import type { Credentials } from '../options/types.js';
import type { Address, ResolveEndpoint } from './sdk/client.js';
import type { SigningCredentials } from './sign.js';

/** Credentials are renewed so long before they expire. */
const EARLY_MS = 5 * 60_000;
/** Where that fails while the old ones still hold, the next try is after so long. */
const AGAIN_MS = 30_000;
/** Only with less than this left are new ones waited for; a service that hangs holds nothing up before. */
const WAITED_MS = 30_000;

type Identity = SigningCredentials & { readonly expiration?: Date | undefined };

/** What all requests to one bucket share, in either lane: where they go, who sends them, and what time it is there. */
export interface Session {
  readonly client: S3Client;
  /** Never changes its value; {@link Session.moveTo} replaces it. */
  readonly address: Address;
  /** At once where they are known and good for a while yet; else a promise, one for all who ask meanwhile. */
  credentials(): SigningCredentials | Promise<SigningCredentials>;
  /** Those last given. */
  readonly known: SigningCredentials | undefined;
  /** Asks for new credentials where `used` are still the current ones. Whether there are others now; false where asking fails. */
  renewed(used: SigningCredentials | undefined): Promise<boolean>;
  /** When the current credentials expire, in ms since 1970. */
  readonly expiresAt: number | undefined;
  readonly region: string;
  /** The bucket is in another region. */
  moveTo(region: string): Promise<void>;
  /** The server's time in ms since 1970, as far as it is known. */
  now(): number;
  /** The server has told its time. */
  setNow(ms: number): void;
}

/** @param onCredentials told of all that are given, before they are used */
export async function openSession(
  client: S3Client,
  addressIn: ResolveEndpoint,
  onCredentials?: (credentials: Credentials) => void,
): Promise<Session> {
  const { config } = client;
  let region = await config.region();
  let address = await addressIn(region);
  let current: Identity | undefined;
  let asking: Promise<Identity> | undefined;
  let staleUntil = 0;

  function ask(forceRefresh: boolean): Promise<Identity> {
    asking ??= config
      .credentials({ forceRefresh })
      .then(
        (identity) => {
          const given = usable(identity);
          if (given.secretAccessKey !== current?.secretAccessKey || given.sessionToken !== current.sessionToken)
            onCredentials?.(plain(given));
          current = given;
          return given;
        },
        (error) => {
          throw noCredentials(error instanceof Error ? error.message : String(error), error, config.profile);
        },
      )
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }

  const expiresAt = () => current?.expiration?.getTime();

  /** New ones for the last minutes of the old, which serve meanwhile, and also where there are none to be had. */
  function early(old: Identity, left: number): Identity | Promise<Identity> {
    const renewing = ask(false).catch((error) => {
      if ((expiresAt() ?? 0) <= Date.now()) throw error;
      staleUntil = Date.now() + AGAIN_MS;
      return old;
    });
    if (left <= WAITED_MS) return renewing;
    // Whoever asks when the old ones have expired is told.
    renewing.catch(() => {});
    return old;
  }

  return {
    client,
    get address() {
      return address;
    },
    get known() {
      return current;
    },
    get region() {
      return region;
    },
    get expiresAt() {
      return expiresAt();
    },

    credentials() {
      if (current === undefined) return ask(false);
      const left = (expiresAt() ?? Number.POSITIVE_INFINITY) - Date.now();
      return left > EARLY_MS || (left > 0 && Date.now() < staleUntil) ? current : early(current, left);
    },

    async renewed(used) {
      const differs = (other: Identity) =>
        other.accessKeyId !== used?.accessKeyId || other.sessionToken !== used.sessionToken;
      if (current !== undefined && differs(current)) return true;
      return ask(true).then(differs, () => false);
    },

    async moveTo(other) {
      const there = await addressIn(other);
      config.region = async () => other;
      // Together, so that no request is taken for one to a place that it was not sent to.
      region = other;
      address = there;
    },

    now: () => Date.now() + config.systemClockOffset,
    setNow(ms) {
      config.systemClockOffset = ms - Date.now();
    },
  };
}

function plain({ accessKeyId, secretAccessKey, sessionToken, expiration }: Identity): Credentials {
  const timed = { ...(expiration !== undefined && { expiration }) };
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }), ...timed };
}

/** What the caller's own function gives may be anything. */
function usable(identity: Identity | undefined): Identity {
  const { accessKeyId, secretAccessKey, expiration } = identity ?? {};
  if (identity === undefined || !isText(accessKeyId) || !isText(secretAccessKey))
    throw noCredentials('what was given has no accessKeyId and secretAccessKey');
  if (expiration !== undefined && !(expiration instanceof Date)) throw noCredentials('their expiration is no Date');
  return identity;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Whatever went wrong, a missing file or a service that does not answer: it is one error, which every request shares. */
function noCredentials(message: string, cause?: unknown, profile?: string): Error {
  const error = new Error(message.replaceAll(/\s*\n\s*/g, ' '), { cause });
  error.name = 'CredentialsProviderError';
  const hint =
    (cause as { readonly hint?: string } | undefined)?.hint ??
    (profile === undefined
      ? undefined
      : `The profile "${profile}" gives none. Check its name, and what it says in ~/.aws/config and ~/.aws/credentials.`);
  return hint === undefined ? error : Object.assign(error, { hint });
}
