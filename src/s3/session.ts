import type { S3Client } from '@aws-sdk/client-s3';
import { hintFor } from '../model/hints.js';
import type { Credentials } from '../options/types.js';
import { keepMessages, textIn } from '../report/message.js';
import type { Address, ResolveAddress } from './address.js';
import type { Provider } from './credentials.js';
import type { SigningCredentials } from './sign.js';

/** A session that is ready for requests. */
export interface OpenedSession {
  readonly session: Session;
  /** The region of the option, the environment or the profile; undefined where none names one, so that the default is used. */
  readonly namedRegion: string | undefined;
  /** The client whose settings the session has; undefined where there is none. */
  readonly sdk?: S3Client | undefined;
}

/** Credentials are refreshed this long before they expire. */
const REFRESH_EARLY_MS = 5 * 60_000;
/** If that fails while the old ones are still valid, the next attempt is after this time. */
const RETRY_MS = 30_000;
/** Requests wait for new credentials only if the old ones expire within this time, so that a hanging service delays nothing before. */
const WAIT_BELOW_MS = 30_000;

type Identity = SigningCredentials & { readonly expiration?: Date | undefined };

/** Where a session begins. */
export interface SessionStart {
  readonly region: string;
  readonly resolveAddress: ResolveAddress;
  readonly provider: Provider;
  /** The profile of the option, for hints. */
  readonly profile?: string | undefined;
  /** Called with all new credentials before they are used. */
  readonly onCredentials?: ((credentials: Credentials) => void) | undefined;
  /** Keeps the difference of the clocks; a client of the SDK has its own. */
  readonly clock?: Clock;
}

/** How far the server's clock is ahead of this machine's, by the name that the SDK's clients give it. */
export interface Clock {
  /** In ms. */
  systemClockOffset: number;
}

/** What all requests to one bucket share, in either lane: address, credentials, region and the server's clock. */
export interface Session {
  /** An immutable value; {@link Session.moveTo} replaces it. */
  readonly address: Address;
  /** The credentials if they are known and still valid for a while; else a promise, which concurrent callers share. */
  credentials(): SigningCredentials | Promise<SigningCredentials>;
  /** The latest credentials. */
  readonly latest: SigningCredentials | undefined;
  /** Refreshes the credentials if `used` are still the current ones. Whether they differ now; false if the refresh fails. */
  refresh(used: SigningCredentials | undefined): Promise<boolean>;
  /** When the current credentials expire, in ms since 1970. */
  readonly expiresAt: number | undefined;
  readonly region: string;
  /** Moves the session to the region in which the bucket is. */
  moveTo(region: string): Promise<void>;
  /** The server's time in ms since 1970; the local time until {@link Session.setNow} is called. */
  now(): number;
  /** Sets the clock to the server's time. */
  setNow(ms: number): void;
}

export async function openSession(start: SessionStart): Promise<Session> {
  const { resolveAddress, provider, onCredentials, clock = { systemClockOffset: 0 } } = start;
  let { region } = start;
  let address = await resolveAddress(region);
  let current: Identity | undefined;
  let pending: Promise<Identity> | undefined;
  let retryAt = 0;

  function requestCredentials(forceRefresh: boolean): Promise<Identity> {
    pending ??= provider({ forceRefresh })
      .then(
        (identity) => {
          const fresh = validated(identity);
          if (fresh.secretAccessKey !== current?.secretAccessKey || fresh.sessionToken !== current.sessionToken)
            onCredentials?.(toPublic(fresh));
          current = fresh;
          return fresh;
        },
        (error) => {
          throw noCredentials(error instanceof Error ? error.message : String(error), error, start.profile);
        },
      )
      .finally(() => {
        pending = undefined;
      });
    return pending;
  }

  const expiresAt = () => current?.expiration?.getTime();

  /** Refreshes credentials that expire in `leftMs`. The old ones are used meanwhile, and also if the refresh fails while they are valid. */
  function refreshEarly(old: Identity, leftMs: number): Identity | Promise<Identity> {
    const refreshing = requestCredentials(false).catch((error) => {
      if ((expiresAt() ?? 0) <= Date.now()) throw error;
      retryAt = Date.now() + RETRY_MS;
      return old;
    });
    if (leftMs <= WAIT_BELOW_MS) return refreshing;
    // A request that needs credentials after the old ones have expired gets its own error.
    refreshing.catch(() => {});
    return old;
  }

  return {
    get address() {
      return address;
    },
    get latest() {
      return current;
    },
    get region() {
      return region;
    },
    get expiresAt() {
      return expiresAt();
    },

    credentials() {
      if (current === undefined) return requestCredentials(false);
      const leftMs = (expiresAt() ?? Number.POSITIVE_INFINITY) - Date.now();
      return leftMs > REFRESH_EARLY_MS || (leftMs > 0 && Date.now() < retryAt)
        ? current
        : refreshEarly(current, leftMs);
    },

    async refresh(used) {
      const differs = (other: Identity) =>
        other.accessKeyId !== used?.accessKeyId || other.sessionToken !== used.sessionToken;
      if (current !== undefined && differs(current)) return true;
      return requestCredentials(true).then(differs, () => false);
    },

    async moveTo(newRegion) {
      const newAddress = await resolveAddress(newRegion);
      // Both change together, so that a request's region always matches its address.
      region = newRegion;
      address = newAddress;
    },

    now: () => Date.now() + clock.systemClockOffset,
    setNow(ms) {
      clock.systemClockOffset = ms - Date.now();
    },
  };
}

function toPublic({ accessKeyId, secretAccessKey, sessionToken, expiration }: Identity): Credentials {
  const expiry = { ...(expiration !== undefined && { expiration }) };
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }), ...expiry };
}

/** Validates credentials, because the user's own provider may return anything. */
function validated(identity: Identity | undefined): Identity {
  const { accessKeyId, secretAccessKey, expiration } = identity ?? {};
  if (identity === undefined || !isText(accessKeyId) || !isText(secretAccessKey))
    throw noCredentials('the provider returned no accessKeyId and secretAccessKey');
  if (expiration !== undefined && !(expiration instanceof Date))
    throw noCredentials('the expiration of the credentials is not a Date');
  return identity;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** The error of any failure to get credentials, such as a missing file or a service that does not respond. Every request shares it. */
function noCredentials(message: string, cause?: unknown, profile?: string): Error {
  const error = new Error(message.replaceAll(/(?<!\s)\s*\n\s*/g, ' '), { cause });
  error.name = 'CredentialsProviderError';
  const settings = { profile };
  const hint =
    textIn(cause, 'hint') ?? hintFor({ code: error.name, verb: 'PutObject', message: error.message, settings });
  if (hint === undefined) return error;
  keepMessages(Object.assign(error, { hint: hint.toString() }), { hint });
  return error;
}
