import { Writable } from 'node:stream';
import gulp from 'gulp';

const [folder] = process.argv.slice(2);
const discard = new Writable({ objectMode: true, write: (_file, _encoding, next) => next() });
gulp.src('**', { cwd: folder, read: false, dot: true }).pipe(discard);
