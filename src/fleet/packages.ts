// What is used of BullMQ and ioredis. Both are optional peer dependencies, so only `import('./packages.js')` may load this file.
export { Queue, Worker } from 'bullmq';
export { Redis } from 'ioredis';
