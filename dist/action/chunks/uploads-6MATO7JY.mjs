import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  checkUploads,
  uploads,
  uploadsPlace
} from "./chunk-IW2FARQL.mjs";
import "./chunk-BN6H7DR5.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  checkUploads,
  uploads,
  uploadsPlace
};
