import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  resolveEndpoint,
  sdkClients
} from "./chunk-TEN53WVU.mjs";
import "./chunk-UFVFSFV4.mjs";
import "./chunk-FUVL7C3K.mjs";
import "./chunk-Q5OWGGR3.mjs";
import "./chunk-EG7RN6WX.mjs";
import "./chunk-V4SOD5VY.mjs";
import "./chunk-TSCA43P4.mjs";
import "./chunk-ZQTTICJG.mjs";
import "./chunk-7NG3SK6H.mjs";
import "./chunk-B2NAOQ5N.mjs";

// member:src/errors.ts?src/s3/sdk/session.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/report/message.ts?src/s3/sdk/session.ts
import { LONGEST_CODE, LONGEST_TEXT, Message, TEXTS, asInApi, given, keepMessages, msg, option, shortText, shorten, textIn, warning } from "./step-9F1F6A95.mjs";

// member:src/s3/session.ts?src/s3/sdk/session.ts
import { openSession } from "./step-9F1F6A95.mjs";

// src/s3/sdk/session.ts
async function openSdkSession(name, connection, http, onEvent) {
  const { client, endpointClient, credentials, region, namedRegion } = await sdkClients(connection, http, onEvent);
  try {
    const { profile, onCredentials } = connection;
    const resolveAddress = resolveEndpoint(endpointClient, name);
    const start = { region, resolveAddress, provider: credentials, profile, onCredentials, clock: client.config };
    const session = await openSession(start);
    client.config.region = async () => session.region;
    const provider = Object.assign(async () => session.credentials(), { memoized: true });
    client.config.credentials = provider;
    return { session, namedRegion, sdk: client };
  } catch (error) {
    client.destroy();
    throw unaddressable(name, connection, error);
  }
}
function unaddressable(name, { endpointUrl }, error) {
  if (error instanceof UsageError) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (endpointUrl === void 0 && /invalid url|not a valid uri|custom endpoint/i.test(why))
    return new UsageError(
      "AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or the endpoint_url of the profile, is not the address of a server.",
      "Write it with its scheme: https://s3.example.com or http://127.0.0.1:9000."
    );
  return new UsageError(
    `The bucket "${name}" cannot be addressed: ${why}`,
    msg`Check bucket, region and {endpointUrl}.`
  );
}
export {
  openSdkSession
};
