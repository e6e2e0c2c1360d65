import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  prepareCopy
} from "./chunk-5IXQU2BT.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  prepareCopy
};
