import gulp from 'gulp';
import s3Put from 'gulp-s3-parallel-put';

const [folder, bucket, endpointUrl, concurrency] = process.argv.slice(2);
const options = { bucket, endpointUrl, mode: 'stupid', concurrency: Number(concurrency), forcePathStyle: true };
gulp.src('**', { cwd: folder, read: false, dot: true }).pipe(s3Put(options));
