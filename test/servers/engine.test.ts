import { engineSuite } from '../conformance/engine/suite.js';
import { onServer } from '../support/target.js';
import { serversUnderTest } from './endpoints.js';

for (const { name, ...endpoint } of serversUnderTest()) engineSuite(name, onServer(name, endpoint));
