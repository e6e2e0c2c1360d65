import { delimiter, dirname } from 'node:path';
import { KEYS } from '../../test/servers/known-servers.js';

export const REGION = 'us-east-1';

/** The whole environment of a client: without the user's configuration, proxy and credentials. */
export function clientEnvironment(certificate: string | undefined): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return {
    PATH: [dirname(process.execPath), PATH].join(delimiter),
    HOME,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    LC_ALL: 'C.UTF-8',
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(certificate === undefined ? {} : trust(certificate)),
  };
}

/** Makes clients trust the certificate; verification is never switched off. */
function trust(certificate: string): Record<string, string> {
  return { NODE_EXTRA_CA_CERTS: certificate, AWS_CA_BUNDLE: certificate, SSL_CERT_FILE: certificate };
}
