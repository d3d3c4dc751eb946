import '../../shared/no-eval.ts';
import { parentPort } from 'node:worker_threads';
import { ReceiveService } from '../engine/content/receive-service.ts';

/** The thread that opens and writes. */
if (parentPort === null) throw new Error('this file is the code of a worker thread');
new ReceiveService(parentPort);
