// The properties that the other suites try a few times, tried many times.
process.env.TEST_RUNS = '10';

for (const file of [
  'engine/copy-model',
  'engine/lanes',
  'engine/listing-order',
  'engine/model',
  'engine/multipart-model',
  'engine/portable',
  'unit/action/summary-hostile-names',
  'unit/source/filter',
  'parts/plan/listing/parallel',
  'fake-s3/test/list-delimiter',
  'fake-s3/test/list-objects',
])
  await import(`../${file}.test.js`);
