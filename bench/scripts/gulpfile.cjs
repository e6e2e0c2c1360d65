// Runs a script of this folder as a task of the gulp command: BENCH_SCRIPT holds its path and its arguments.
const [script, ...args] = JSON.parse(process.env.BENCH_SCRIPT);
process.argv = [process.argv[0], script, ...args];
exports.default = () => import(script);
