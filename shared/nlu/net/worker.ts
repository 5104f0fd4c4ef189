import { parentPort, workerData } from 'node:worker_threads';
import { run, type Job } from './job.ts';

/** What a worker says: how many epochs are done, and what came of the job. */
parentPort?.postMessage({ result: run(workerData as Job, (done) => parentPort?.postMessage({ done })) });
