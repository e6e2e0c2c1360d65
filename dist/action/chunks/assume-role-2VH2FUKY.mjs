import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  require_dist_cjs3 as require_dist_cjs
} from "./chunk-V4SOD5VY.mjs";
import "./chunk-TSCA43P4.mjs";
import "./chunk-ZQTTICJG.mjs";
import "./chunk-7NG3SK6H.mjs";
import "./chunk-B2NAOQ5N.mjs";

// member:src/errors.ts?src/s3/assume-role.ts
import { AbortError, InvalidationError, LiveCheckError, PartialFailureError, RefusedError, RunStoppedError, S3RequestError, SourceError, UsageError } from "./step-9F1F6A95.mjs";

// member:src/s3/http/http-client.ts?src/s3/assume-role.ts
import { AbortedInFlight, CLOSE_FROM_STATUS, DEFAULT_PATIENCE, HttpFailure, IDLE_MS, MAX_HEAD_BYTES, MAX_REFUSAL_BYTES, MAX_RESPONSE_BYTES, SLICE_BYTES, SLOW_MS, abortIn, asFailure, joinedValue, needsNewConnection, onNewConnection, throwIfAborted, tooLarge } from "./step-9F1F6A95.mjs";

// member:src/s3/http/socket-client.ts?src/s3/assume-role.ts
import { socketClient } from "./step-9F1F6A95.mjs";

// member:src/s3/sdk/http-handler.ts?src/s3/assume-role.ts
import { sdkHandler } from "./step-9F1F6A95.mjs";

// member:src/s3/sdk/node-warning.ts?src/s3/assume-role.ts
import { disableNodeWarning } from "./step-9F1F6A95.mjs";

// src/s3/assume-role.ts
function roleCredentials(options) {
  const { roleArn, sessionName, durationSeconds, region, token, refusedHint, proxy } = options;
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(roleArn))
    throw new UsageError(
      `"${roleArn}" is not the ARN of a role.`,
      "Write it in full, as in arn:aws:iam::111122223333:role/deploy."
    );
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
    throw new UsageError(
      `"${sessionName}" cannot be the name of a session.`,
      "It has 2 to 64 letters, digits and _ + = , . @ -, as in nightly-deploy."
    );
  return async () => {
    const { fromWebToken } = webIdentity();
    const webIdentityToken = await token();
    const http = socketClient({ patience: DEFAULT_PATIENCE, proxy });
    try {
      const clientConfig = { region, requestHandler: sdkHandler(http) };
      const session = { roleArn, roleSessionName: sessionName, durationSeconds, webIdentityToken };
      return await fromWebToken({ ...session, clientConfig })();
    } catch (error) {
      throw notAssumed(roleArn, refusedHint, error);
    } finally {
      http.close();
    }
  };
}
function notAssumed(roleArn, refusedHint, cause) {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const detail = message === "" || message === name ? name : `${name}: ${message}`;
  const responded = cause.$metadata?.httpStatusCode !== void 0;
  const hint = responded ? refusedHint(message) : "The security token service of the region did not respond. Check region and proxy.";
  return Object.assign(new Error(`The role ${roleArn} could not be assumed: ${detail}`, { cause }), { hint });
}
function webIdentity() {
  disableNodeWarning();
  return require_dist_cjs();
}
export {
  roleCredentials
};
