import { availableParallelism } from 'node:os';

/** A server block of the sink. */
export interface Listener {
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
  /** Delay of each response, in seconds. */
  readonly delay: number;
  /** Responds as S3 does, with the CRC32 of the request; else the server has no name that clients know. */
  readonly s3: boolean;
  /** Closes each connection after its response. */
  readonly closes: boolean;
}

interface Paths {
  readonly folder: string;
  readonly modules: readonly string[];
  readonly certificate: string;
  readonly key: string;
}

const CHECKSUMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'];
const CHECKSUM_HEADERS = ['$http_content_md5', ...CHECKSUMS.map((name) => `$http_x_amz_checksum_${name}`)].join('');

/** More than one core of every two would be missing to the clients. */
const WORKERS = Math.max(1, Math.floor(availableParallelism() / 2));

/** Workers that read every body and return 200, or 400 for a request whose row could not be compared. */
export function nginxConfig(listeners: readonly Listener[], { folder, modules, certificate, key }: Paths): string {
  return `${modules.map((module) => `load_module ${module};`).join('\n')}
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes ${WORKERS};
pid ${folder}/pid;
error_log ${folder}/error.log warn;
events { worker_connections 8192; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  client_max_body_size 0;
  client_body_buffer_size 1m;
  keepalive_requests 10000000;
  keepalive_timeout 75s;
  tcp_nodelay on;
  default_type application/xml;
  log_format verb '$request_method $status $payload $checksum';
  map $http_x_amz_content_sha256 $payload { "~UNSIGNED-PAYLOAD" unsigned; default signed; }

  # Whether a put carries a checksum, in a header or named in a trailer.
  map "${CHECKSUM_HEADERS}" $in_header { "" 0; default 1; }
  map $http_x_amz_trailer $in_trailer { "~*x-amz-checksum-(${CHECKSUMS.join('|')})" 1; default 0; }
  map "$request_method $in_header $in_trailer" $unchecked { "PUT 0 0" 1; default 0; }
  map $unchecked $checksum { 1 unchecked; default checked; }
  # Ours must carry one.
  map "$unchecked $http_user_agent" $ours_unchecked { "~^1 .*s3-parallel-put" 1; default 0; }
  # Over http ours must sign the payload.
  map "$scheme $http_x_amz_content_sha256 $http_user_agent" $unsigned {
    "~^http [^ ]*UNSIGNED-PAYLOAD[^ ]* .*s3-parallel-put" 1;
    default 0;
  }
  map "$ours_unchecked$unsigned" $refusal { "00" ""; "~^1" /no-checksum; default /unsigned; }

  ssl_certificate ${certificate};
  ssl_certificate_key ${key};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:bench:4m;
${listeners.map((listener) => serverBlock(listener, folder)).join('')}}
`;
}

/** What S3 sends with each response to a put. An empty value sends no header. */
const S3_HEADERS: Readonly<Record<string, string>> = {
  server: 'AmazonS3',
  'x-amz-id-2': 'vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQjryTjKlc5aLWGVHPZLj5NeC6qMa0emYBDXOo6QBU0Wo=',
  'x-amz-request-id': '4442587FB7D0A2F9',
  'x-amz-server-side-encryption': 'AES256',
  'x-amz-checksum-crc32': '$http_x_amz_checksum_crc32',
};

const S3_DIRECTIVE = `more_set_headers ${Object.entries(S3_HEADERS)
  .map(([name, value]) => `"${name}: ${value}"`)
  .join(' ')};`;

const serverBlock = ({ name, port, tls, delay, s3, closes }: Listener, folder: string): string => `
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''} backlog=4096;
    access_log ${folder}/${name}.log verb buffer=64k flush=100ms;${s3 ? `\n    ${S3_DIRECTIVE}` : ''}${closes ? '\n    keepalive_timeout 0;' : ''}
    location / {${s3 ? '\n      more_set_headers "content-length: 0";' : ''}
      more_set_headers 'etag: "fixed"';
      if ($refusal) { rewrite ^ $refusal last; }
      if ($request_method = GET) { rewrite ^ /empty-list last; }
      echo_read_request_body;${delay === 0 ? '' : `\n      echo_sleep ${delay};`}
      echo_status 200;
    }
    ${refusal('/no-checksum', 'Neither Content-MD5 nor x-amz-checksum-*.')}
    ${refusal('/unsigned', 'UNSIGNED-PAYLOAD over http.')}
    location = /empty-list {
      internal;
      return 200 '<?xml version="1.0"?><ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>';
    }
  }
`;

const refusal = (path: string, message: string): string =>
  `location = ${path} { internal; echo_read_request_body; echo_status 400; echo '<Error><Code>InvalidRequest</Code><Message>${message}</Message></Error>'; }`;
