import { engineSuite } from '../contract/engine-suite.js';
import { embedded } from '../support/target.js';

engineSuite('embedded', embedded);
