// The properties that the other suites try a few times, tried many times.
process.env.TEST_RUNS = '10';

for (const file of [
  'engine/copy-model',
  'engine/lanes',
  'engine/listing-order',
  'engine/model',
  'engine/multipart-model',
  'engine/portable',
  'unit/action/hostile-names',
  'unit/filter',
  'unit/parallel-listing',
  'unit/s3-server/list-delimiter',
  'unit/s3-server/list-objects',
])
  await import(`../${file}.test.js`);
