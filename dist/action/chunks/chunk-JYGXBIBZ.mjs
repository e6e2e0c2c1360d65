import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  client_exports,
  init_client
} from "./chunk-RR6J2T42.mjs";
import {
  __toCommonJS
} from "./chunk-B2NAOQ5N.mjs";

// src/s3/sdk/node-warning.ts
function disableNodeWarning() {
  const { state } = (init_client(), __toCommonJS(client_exports));
  if (state !== void 0) state.warningEmitted = true;
}

export {
  disableNodeWarning
};
