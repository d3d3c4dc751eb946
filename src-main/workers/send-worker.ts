import '../../shared/no-eval.ts';
import { parentPort } from 'node:worker_threads';
import { SendService } from '../engine/content/send-service.ts';

/** The thread that walks, reads and seals. */
if (parentPort === null) throw new Error('this file is the code of a worker thread');
new SendService(parentPort);
