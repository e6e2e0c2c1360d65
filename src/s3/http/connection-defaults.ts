import dns from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';

/**
 * What Node makes connections with where a call says nothing else. Each thread has its own: options of node, such as `--use-system-ca` and
 * `--tls-min-v1.3`, and the functions of a program set it for the main thread alone.
 */
export interface ConnectionDefaults {
  /** The variables of `node:tls` by their names. */
  readonly tls: Readonly<Record<(typeof TLS_VARIABLES)[number], string>>;
  /** Trusted certificates, in PEM; undefined where no TLS is used, or this Node cannot name them. */
  readonly trusted: readonly string[] | undefined;
  readonly lookupOrder: ReturnType<typeof dns.getDefaultResultOrder>;
  readonly triesFamilies: boolean;
  readonly familyMs: number;
}

const TLS_VARIABLES = ['DEFAULT_MIN_VERSION', 'DEFAULT_MAX_VERSION', 'DEFAULT_CIPHERS', 'DEFAULT_ECDH_CURVE'] as const;

/** What Node has from 22.19 and 24.5 on, and the types of older ones lack. */
interface TrustedCertificates {
  readonly getCACertificates: (type: 'default') => readonly string[];
  readonly setDefaultCACertificates: (certificates: readonly string[]) => void;
}

function trustedCertificates(): TrustedCertificates | undefined {
  return 'setDefaultCACertificates' in tls ? (tls as unknown as TrustedCertificates) : undefined;
}

/**
 * The defaults of this thread, as plain values.
 * @param secure whether TLS is used: naming all certificates takes some ms
 */
export function connectionDefaults(secure: boolean): ConnectionDefaults {
  const { DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION, DEFAULT_CIPHERS, DEFAULT_ECDH_CURVE } = tls;
  return {
    tls: { DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION, DEFAULT_CIPHERS, DEFAULT_ECDH_CURVE },
    trusted: secure ? trustedCertificates()?.getCACertificates('default') : undefined,
    lookupOrder: dns.getDefaultResultOrder(),
    triesFamilies: net.getDefaultAutoSelectFamily(),
    familyMs: net.getDefaultAutoSelectFamilyAttemptTimeout(),
  };
}

/** Makes the defaults of another thread those of this one. */
export function useConnectionDefaults({
  tls: variables,
  trusted,
  lookupOrder,
  triesFamilies,
  familyMs,
}: ConnectionDefaults): void {
  Object.assign(tls, variables);
  dns.setDefaultResultOrder(lookupOrder);
  net.setDefaultAutoSelectFamily(triesFamilies);
  net.setDefaultAutoSelectFamilyAttemptTimeout(familyMs);
  const certificates = trustedCertificates();
  if (trusted === undefined || certificates === undefined) return;
  // Setting them takes ten times as long as comparing them.
  if (certificates.getCACertificates('default').join() !== trusted.join())
    certificates.setDefaultCACertificates(trusted);
}
