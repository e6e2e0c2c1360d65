import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import dns from 'node:dns';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import {
  type ConnectionDefaults,
  connectionDefaults,
  useConnectionDefaults,
} from '../../../../src/s3/http/connection-defaults.js';

/** Node writes certificates that were set in its own way, each one once. */
function comparable({ trusted, ...others }: ConnectionDefaults) {
  const prints = trusted?.map((certificate) => new X509Certificate(certificate).fingerprint256);
  return { ...others, trusted: prints && [...new Set(prints)].sort() };
}

test('a thread makes connections with what a program has set for its own', (t) => {
  const before = connectionDefaults(true);
  t.after(() => useConnectionDefaults(before));
  Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1.3', DEFAULT_CIPHERS: 'ECDHE-RSA-AES128-GCM-SHA256' });
  dns.setDefaultResultOrder('ipv4first');
  net.setDefaultAutoSelectFamily(false);
  net.setDefaultAutoSelectFamilyAttemptTimeout(1234);
  if ('setDefaultCACertificates' in tls) (tls.setDefaultCACertificates as (certificates: string[]) => void)([]);
  const set = connectionDefaults(true);
  assert.deepEqual([set.tls.DEFAULT_MIN_VERSION, set.familyMs], ['TLSv1.3', 1234]);

  for (const defaults of [before, set]) {
    useConnectionDefaults(structuredClone(defaults));
    assert.deepEqual(comparable(connectionDefaults(true)), comparable(defaults));
  }
});
