import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { S3Server } from 'fake-s3';

/** A local server in place of GitHub's token service, STS and a container's agent. An S3 server accepts the credentials that it issues. */
export interface CredentialsServer {
  readonly url: string;
  /** Environment of a job that may request OpenID Connect tokens and uses this server as its STS. */
  readonly oidc: Readonly<Record<string, string>>;
  /** Environment of a container that has credentials. */
  readonly container: Readonly<Record<string, string>>;
  /** The requests, in order: `token`, `role` or `container`. */
  readonly requests: readonly CredentialsRequest[];
  /** Secrets that it has issued. */
  readonly secrets: readonly string[];
}

export interface CredentialsRequest {
  readonly what: 'token' | 'role' | 'container';
  /** Of a request for a role: its form. */
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly query: string;
}

const REQUEST_TOKEN = 'request-token';

export interface CredentialsServerOptions {
  /** How long credentials are valid. @default an hour */
  readonly lifeMs?: number;
  /** The maximum session duration of the role, in seconds. @default 12 hours */
  readonly longestSession?: number;
  /** Whether a request hangs, or the status that refuses it; called with the request and its number among those of its kind. */
  readonly fault?: (what: CredentialsRequest['what'], count: number) => 'hang' | number | undefined;
}

export async function credentialsServer(
  t: TestContext,
  server: S3Server,
  { lifeMs = 3_600_000, longestSession = 43_200, fault }: CredentialsServerOptions = {},
): Promise<CredentialsServer> {
  const requests: CredentialsRequest[] = [];
  const secrets: string[] = [];
  const issue = () => {
    const number = secrets.length;
    const keys = {
      accessKeyId: `issued-key-${number}`,
      secretAccessKey: `issued-secret-${number}`,
      sessionToken: `issued-token-${number}`,
    };
    server.addCredentials(keys);
    secrets.push(keys.secretAccessKey, keys.sessionToken);
    return { ...keys, expiration: new Date(Date.now() + lifeMs).toISOString() };
  };
  const http = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
    const form = Object.fromEntries(new URLSearchParams(await textOf(request)));
    const what = pathname === '/token' ? 'token' : pathname === '/container' ? 'container' : 'role';
    requests.push({ what, form, authorization: request.headers.authorization, query: search });
    const failing = fault?.(what, requests.filter((one) => one.what === what).length);
    if (failing === 'hang') return;
    if (failing !== undefined) {
      response.statusCode = failing;
      response.setHeader('content-type', 'text/xml');
      response.end(errorDocument('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'));
    } else if (what === 'token') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ value: `id-token-${requests.length}` }));
    } else if (what === 'container') {
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = issue();
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          AccessKeyId: accessKeyId,
          SecretAccessKey: secretAccessKey,
          Token: sessionToken,
          Expiration: expiration,
        }),
      );
    } else if (Number(form.DurationSeconds ?? 3_600) > longestSession) {
      response.statusCode = 400;
      response.setHeader('content-type', 'text/xml');
      const said = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
      response.end(errorDocument('ValidationError', said));
    } else {
      response.setHeader('content-type', 'text/xml');
      response.end(roleDocument(form.Action ?? '', issue()));
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    secrets,
    oidc: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
      AWS_ENDPOINT_URL_STS: url,
    },
    container: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container` },
  };
}

function errorDocument(code: string, message: string): string {
  return `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}

function roleDocument(
  action: string,
  keys: Readonly<Record<'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'expiration', string>>,
) {
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<${action}Result><Credentials>
<AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey>
<SessionToken>${keys.sessionToken}</SessionToken><Expiration>${keys.expiration}</Expiration>
</Credentials></${action}Result>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}
