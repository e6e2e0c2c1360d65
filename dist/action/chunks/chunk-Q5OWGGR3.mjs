import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  require_dist_cjs
} from "./chunk-EG7RN6WX.mjs";
import {
  config_exports,
  init_config
} from "./chunk-7NG3SK6H.mjs";
import {
  __toCommonJS
} from "./chunk-B2NAOQ5N.mjs";

// member:src/s3/credentials.ts?src/s3/sdk/credentials.ts
import { VARIABLES, cleaner, credentialsError, givenCredentials } from "./step-9F1F6A95.mjs";

// member:src/s3/sdk/node-warning.ts?src/s3/sdk/credentials.ts
import { disableNodeWarning } from "./step-9F1F6A95.mjs";

// src/s3/sdk/credentials.ts
var SERVICE_MS = 3e4;
var ASKS_SERVICE = /remoteProvider::fromHttp/;
var ASKS_INSTANCE = /remoteProvider::fromInstanceMetadata/;
function explainedChain(deps) {
  const { profile, onEvent, serviceMs = SERVICE_MS } = deps;
  const heard = [];
  const late = timeLimit(serviceMs);
  const provider = chainOf(deps, heard, late.begin);
  const cleaned = cleaner(onEvent);
  return async (options) => {
    heard.length = 0;
    const identity = await late.limit(provider(options)).catch(async (error) => {
      throw await cause(error, heard, profile);
    });
    return cleaned(identity);
  };
}
function timeLimit(ms) {
  let fail = () => {
  };
  let timer;
  return {
    begin() {
      const message = `the service for credentials of this container (AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) does not respond within ${ms / 1e3} s`;
      timer ??= setTimeout(() => fail(credentialsError(message)), ms);
    },
    limit: (promise) => new Promise((resolve, reject) => {
      fail = reject;
      promise.then(resolve, reject);
    }).finally(() => {
      clearTimeout(timer);
      timer = void 0;
    })
  };
}
function chainModule() {
  return require_dist_cjs();
}
function chainOf({ profile, region, requestHandler }, heard, onService) {
  let asksInstance = false;
  const hear = (text) => {
    if (ASKS_SERVICE.test(String(text))) onService();
    if (String(text).startsWith("@aws-sdk/")) asksInstance = ASKS_INSTANCE.test(String(text));
    const [, said] = /^@smithy\/property-provider (?:->|\(!\)) (.*)$/s.exec(String(text)) ?? [];
    if (said !== void 0 && !asksInstance) heard.push(said);
  };
  const silent = () => {
  };
  const logger = { trace: silent, debug: hear, info: silent, warn: silent, error: silent };
  const named = profile === void 0 ? {} : { profile };
  const client = { ...named, region: async () => region, requestHandler, logger };
  disableNodeWarning();
  const { defaultProvider } = chainModule();
  const provider = defaultProvider({ ...named, parentClientConfig: client, logger });
  return (options) => provider({ ...options, callerClientConfig: client });
}
var GENERIC = /^Could not load credentials from any providers/;
var IDLE = /^(?:AWS_PROFILE is set, skipping|Skipping SSO|Unable to find environment variable|EC2 Instance Metadata Service access disabled|Could not resolve credentials using profile|Profile .* (?:could not be found in|did not contain)|Web identity configuration not specified|Could not load credentials from any)/;
async function cause(error, heard, profile) {
  const message = error instanceof Error ? error.message : String(error);
  const own = GENERIC.test(message) ? heard.find((text) => !IDLE.test(text)) : message;
  const matched = (pattern) => heard.map((text) => pattern.exec(text)?.[1]).find((name2) => name2 !== void 0);
  const absent = matched(/^Profile (.*) could not be found in shared/s);
  const present = matched(/^Profile (.*) did not contain credential_process/s);
  const unresolved = matched(/^Could not resolve credentials using profile: \[(.*)\]/s);
  const name = profile ?? await environmentVariable("AWS_PROFILE") ?? absent ?? present;
  if (own !== void 0 && /^Command failed/.test(own)) return credentialsError(processText(own, name), error);
  if (own !== void 0) {
    const text = providerText(own, name);
    return text === message ? error : credentialsError(text, error);
  }
  const isChosen = profile !== void 0 || heard.some((text) => text.startsWith("AWS_PROFILE is set"));
  const { files, profiles } = await sharedFiles();
  if (present !== void 0 && unresolved !== void 0 && unresolved !== present) {
    const what = profiles.includes(unresolved) ? "holds no credentials" : `does not exist in ${files}`;
    return credentialsError(`The source_profile "${unresolved}" of the profile "${present}" ${what}`, error);
  }
  if (!isChosen) {
    const [id, secret] = [
      await environmentVariable(VARIABLES.accessKeyId),
      await environmentVariable(VARIABLES.secretAccessKey)
    ];
    if (id === void 0 === (secret === void 0)) return error;
    const [set, missing] = id === void 0 ? ["secretAccessKey", "accessKeyId"] : ["accessKeyId", "secretAccessKey"];
    return credentialsError(`${VARIABLES[set]} is set, and ${VARIABLES[missing]} is not`, error);
  }
  if (absent !== void 0) {
    const others = profiles.length === 0 ? "they hold no profile" : `they hold ${profiles.slice(0, 10).join(", ")}`;
    return credentialsError(`The profile "${absent}" does not exist in ${files}; ${others}`, error);
  }
  return present === void 0 ? error : credentialsError(`The profile "${present}" holds no credentials in ${files}`, error);
}
function processText(failed, profile = "default") {
  const [, ...lines] = failed.split("\n");
  const said = lines.join(" ").replaceAll(/\s+/g, " ").trim().slice(0, 500);
  return `The credential_process of the profile "${profile}" failed${said === "" ? " without a word" : `: ${said}`}`;
}
function providerText(own, profile = "default") {
  if (/^Cannot read properties of undefined \(reading 'sso_/.test(own))
    return `The sso_session of the profile "${profile}" names no section [sso-session …] of the AWS config file`;
  const [, login] = /^Failed to load token from (.*?): Error: ENOENT\b/s.exec(own) ?? [];
  if (login !== void 0) return `There is no login session of the profile "${profile}" at ${login}`;
  const [, code, file] = /^(E[A-Z]+): .*, open '(.*)'$/s.exec(own) ?? [];
  if (file !== void 0) return `The token file "${file}" cannot be read (${code})`;
  return own.replace("associated with this profile", `of the profile "${profile}"`);
}
function sharedConfig() {
  return init_config(), __toCommonJS(config_exports);
}
async function environmentVariable(name) {
  const value = await sharedConfig().loadConfig({
    environmentVariableSelector: (env) => env[name],
    configFileSelector: () => void 0,
    default: ""
  })();
  return value === "" ? void 0 : value;
}
async function sharedFiles() {
  const shared = sharedConfig();
  const { configFile, credentialsFile } = await shared.loadSharedConfigFiles();
  const file = async (name, usual) => await environmentVariable(name) ?? `${shared.getHomeDir()}/.aws/${usual}`;
  const files = await Promise.all([
    file("AWS_CONFIG_FILE", "config"),
    file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
  ]);
  const sections = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  const profiles = [...new Set(sections)].filter((name) => !/^(?:sso-session|services)\./.test(name)).sort();
  return { files: files.join(" and "), profiles };
}

export {
  explainedChain,
  environmentVariable
};
