import { engineSuite } from '../conformance/engine/suite.js';
import { embedded } from '../support/target.js';

engineSuite('embedded', embedded);
