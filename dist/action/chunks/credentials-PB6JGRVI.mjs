import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  environmentVariable,
  explainedChain
} from "./chunk-K2F2YF44.mjs";
import "./chunk-OSXPOCV3.mjs";
import "./chunk-JYGXBIBZ.mjs";
import "./chunk-RR6J2T42.mjs";
import "./chunk-XD3QTEGU.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  environmentVariable,
  explainedChain
};
