import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  prepareCopy
} from "./chunk-2MAV2B37.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  prepareCopy
};
