import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  exchange,
  resolveEndpoint,
  sdk,
  sdkClients,
  sendDocument,
  sendVerbatim,
  watchResponses
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
export {
  exchange,
  resolveEndpoint,
  sdk,
  sdkClients,
  sendDocument,
  sendVerbatim,
  watchResponses
};
