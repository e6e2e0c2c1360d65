import { elementText } from './answers/xml.js';
import type { ServiceAccess } from './open.js';
import { serviceEndpoint } from './plain-settings.js';
import { amzDate, sha256Hex, signer } from './sign.js';

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

/**
 * The account of the credentials, by GetCallerIdentity, which needs no permission; undefined where STS does not say it.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function callerAccount(access: ServiceAccess, signal: AbortSignal): Promise<string | undefined> {
  const region = access.region();
  const url = new URL(serviceEndpoint('STS') ?? `https://sts.${region}.${domainOf(region)}`);
  const credentials = await access.credentials();
  const body = Buffer.from(BODY);
  const date = amzDate(access.now());
  const headers: Record<string, string> = {
    host: url.host,
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': date,
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const request = { method: 'POST', path: '/', query: '', headers, payloadHash: sha256Hex(body) };
  const authorization = signer()(request, date, region, 'sts', credentials);
  const { response } = await access.requestHandler.handle(
    {
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      method: 'POST',
      path: '/',
      headers: { ...headers, 'content-length': String(body.length), authorization },
      body,
    },
    { abortSignal: signal },
  );
  const account = elementText(response.received.body.toString(), 'Account');
  return response.statusCode === 200 && account !== undefined && /^\d{12}$/.test(account) ? account : undefined;
}

/** @see https://docs.aws.amazon.com/general/latest/gr/sts.html */
function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
