import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  disableNodeWarning,
  exchange,
  resolveEndpoint,
  sdk,
  sdkClients,
  sendDocument,
  sendVerbatim,
  watchResponses
} from "./chunk-VVN2UXC3.mjs";
import "./chunk-ENVPJAZN.mjs";
import "./chunk-NWG7E46G.mjs";
import "./chunk-VDJS7L4N.mjs";
import "./chunk-V64QSZD2.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  disableNodeWarning,
  exchange,
  resolveEndpoint,
  sdk,
  sdkClients,
  sendDocument,
  sendVerbatim,
  watchResponses
};
