import { run } from '../run-program.js';

/** Creates a certificate for 127.0.0.1, and its key, in two files. */
export const createCertificate = (certificate: string, key: string, signal: AbortSignal): Promise<void> =>
  run(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-batch',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        // Rust's TLS accepts no certificate of an authority as that of a server.
        '-addext',
        'basicConstraints=critical,CA:FALSE',
      ],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', certificate, '-keyout', key],
    ],
    { signal, quiet: true },
  );
