import { describe } from 'node:test';
import type { TargetFor } from '../support/target.js';
import { copiesSuite } from './engine-copies.js';
import { headersSuite } from './engine-headers.js';
import { keysSuite } from './engine-keys.js';
import { modesSuite } from './engine-modes.js';
import { multipartSuite } from './engine-multipart.js';
import { refusalsSuite } from './engine-refusals.js';
import { scaleSuite } from './engine-scale.js';
import { sourcesSuite } from './engine-sources.js';

/** What the engine does on every S3 server, held to what the server then shows. */
export function engineSuite(server: string, targetFor: TargetFor): void {
  describe(`the engine on ${server}`, () => {
    keysSuite(targetFor);
    modesSuite(targetFor);
    headersSuite(targetFor);
    sourcesSuite(targetFor);
    scaleSuite(targetFor);
    multipartSuite(targetFor);
    copiesSuite(targetFor);
    refusalsSuite(server, targetFor);
  });
}
