import { rawSuite } from '../conformance/raw/suite.js';
import { onServer } from '../support/target.js';
import { serversUnderTest } from './endpoints.js';

for (const { name, ...endpoint } of serversUnderTest()) rawSuite(name, onServer(name, endpoint));
