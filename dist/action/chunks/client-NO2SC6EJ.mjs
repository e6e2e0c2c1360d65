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
} from "./chunk-QNAMADCY.mjs";
import "./chunk-LBI26J7Y.mjs";
import "./chunk-K2F2YF44.mjs";
import "./chunk-OSXPOCV3.mjs";
import "./chunk-YB7DVJMV.mjs";
import "./chunk-JYGXBIBZ.mjs";
import "./chunk-RR6J2T42.mjs";
import "./chunk-XD3QTEGU.mjs";
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
