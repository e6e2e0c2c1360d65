import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inPath } from '../peers.js';

export interface Nginx {
  readonly program: string;
  /** The echo module, which reads the body and can delay the response. */
  readonly echoModule: string;
}

/** nginx with its echo module, or a text that names what is missing. */
export function findNginx(): Nginx | string {
  const program = inPath('nginx', ['/usr/sbin', '/usr/local/sbin']);
  if (program === undefined) return 'nginx is not in PATH (Debian: nginx-light)';
  const modules = /--modules-path=(\S+)/.exec(spawnSync(program, ['-V'], { encoding: 'utf8' }).stderr)?.[1] ?? '';
  const echoModule = join(modules, 'ngx_http_echo_module.so');
  if (!existsSync(echoModule)) return 'nginx has no echo module (Debian: libnginx-mod-http-echo)';
  return inPath('openssl') === undefined
    ? 'openssl, which creates the certificate, is not in PATH'
    : { program, echoModule };
}
