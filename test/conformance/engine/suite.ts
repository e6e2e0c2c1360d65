import { describe } from 'node:test';
import type { TargetFor } from '../../support/target.js';
import { copiesSuite } from './copies.js';
import { headersSuite } from './headers.js';
import { keysSuite } from './keys.js';
import { modesSuite } from './modes.js';
import { multipartSuite } from './multipart.js';
import { refusalsSuite } from './refusals.js';
import { scaleSuite } from './scale.js';
import { sourcesSuite } from './sources.js';

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
