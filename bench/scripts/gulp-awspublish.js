import parallelize from 'concurrent-transform';
import gulp from 'gulp';
import awspublish from 'gulp-awspublish';

const [folder, Bucket, endpoint, concurrency] = process.argv.slice(2);
const publisher = awspublish.create({ endpoint, forcePathStyle: true, params: { Bucket } });
gulp
  .src('**', { cwd: folder, encoding: false, dot: true })
  .pipe(parallelize(publisher.publish({}, { force: true }), Number(concurrency)))
  .resume();
