import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { Question } from '../../../../src-main/engine/transfer/question.ts';
import type { ExpectedStart } from '../../../../src-main/engine/transfer/receive-attempt.ts';

setFlagsFromString('--expose-gc');
const collect = z.custom<() => void>((value) => typeof value === 'function').parse(runInNewContext('gc'));

/** Of a sender that leaves before there is an answer. */
function left(): ExpectedStart {
  return { body: Promise.reject(new RangeError('left')), hasCome: () => false };
}

describe('a question that nobody answers', () => {
  it('keeps nothing of a sender that offers and leaves, again and again, and then takes a no', async () => {
    const question = new Question();
    await expect(question.yes(left())).rejects.toThrow('left');
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 20_000; n += 1) await question.yes(left()).catch(() => undefined);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024);
    const waiting = question.yes({ body: new Promise(() => undefined), hasCome: () => false });
    question.answer({ accept: false });
    await expect(waiting).rejects.toMatchObject({ code: 'declined' });
  });
});
