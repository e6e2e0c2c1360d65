// Builds a site and puts it into S3: `gulp build`, `gulp deploy`, `gulp watch`. `npm run demo:gulp` runs it with an embedded server.
import { Transform } from 'node:stream';
import gulp from 'gulp';
import s3Put from 'gulp-s3-parallel-put';

const { S3_BUCKET = 'my-site', S3_ENDPOINT } = process.env;
const SOURCE = '../site/**';

/** Stands for a build: adds a comment to every page. */
const pages = () =>
  new Transform({
    objectMode: true,
    transform(file, _encoding, next) {
      if (file.isBuffer() && file.extname === '.html')
        file.contents = Buffer.from(file.contents.toString().replace('</body>', '<!-- Built by gulp. --></body>'));
      next(null, file);
    },
  });

// Without `encoding: false` gulp 5 reads pictures as text and damages them.
export const build = () => gulp.src(SOURCE, { encoding: false, dot: true }).pipe(pages()).pipe(gulp.dest('dist'));

// With `read: false` the plugin reads the files itself; with `dot` it gets `.well-known` too.
const put = () =>
  gulp
    .src('dist/**', { read: false, dot: true })
    .pipe(
      s3Put({
        bucket: `s3://${S3_BUCKET}`,
        endpointUrl: S3_ENDPOINT,
        gzip: true,
        preset: 'site',
        rules: [{ match: ['images/**', 'fonts/**'], cacheControl: 'public, max-age=86400' }],
      }),
    )
    .pipe(s3Put.reporter());

export const deploy = gulp.series(build, put);
export const watch = () => gulp.watch(SOURCE, deploy);
export default deploy;
