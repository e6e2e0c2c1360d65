import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inPath } from '../peers.js';

export interface Nginx {
  readonly program: string;
  /** The modules to load. */
  readonly modules: readonly string[];
}

/** The echo module reads the body and can delay the response; the other one sets any header. */
const MODULES = [
  { file: 'ngx_http_echo_module.so', debian: 'libnginx-mod-http-echo' },
  { file: 'ngx_http_headers_more_filter_module.so', debian: 'libnginx-mod-http-headers-more-filter' },
] as const;

/** Debian's packages of nginx and its modules. */
export const NGINX_PACKAGES: readonly string[] = ['nginx-light', ...MODULES.map(({ debian }) => debian)];

/** nginx with its modules, or a text that names what is missing. */
export function findNginx(): Nginx | string {
  const program = inPath('nginx', ['/usr/sbin', '/usr/local/sbin']);
  if (program === undefined) return 'nginx is not in PATH (Debian: nginx-light)';
  const folder = /--modules-path=(\S+)/.exec(spawnSync(program, ['-V'], { encoding: 'utf8' }).stderr)?.[1] ?? '';
  const missing = MODULES.filter(({ file }) => !existsSync(join(folder, file)));
  if (missing.length > 0) return `nginx lacks modules (Debian: ${missing.map(({ debian }) => debian).join(', ')})`;
  return inPath('openssl') === undefined
    ? 'openssl, which creates the certificate, is not in PATH'
    : { program, modules: MODULES.map(({ file }) => join(folder, file)) };
}
