import { describe, expect, it } from 'vitest';
import { createQuitQuestion } from '../../../src-main/desktop/quit-question.ts';

function setup(busy: number) {
  const said: string[] = [];
  let answer: (yes: boolean | Error) => void = () => undefined;
  const question = createQuitQuestion({
    busy: () => busy,
    ask: (count) =>
      new Promise((resolve, reject) => {
        said.push(`ask about ${String(count)}`);
        answer = (yes) => {
          if (yes instanceof Error) reject(yes);
          else resolve(yes);
        };
      }),
    quit: () => said.push('quit'),
  });
  const reply = async (yes: boolean | Error): Promise<void> => {
    answer(yes);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { question, said, reply };
}

describe('quitting', () => {
  it('needs no question while nothing is on its way', () => {
    const { question, said } = setup(0);
    expect(question.mayQuit()).toBe(true);
    expect(said).toEqual([]);
  });

  it('is asked about once, however often it is tried, and goes on when the answer is yes', async () => {
    const { question, said, reply } = setup(2);
    expect([question.mayQuit(), question.mayQuit()]).toEqual([false, false]);
    expect(said).toEqual(['ask about 2']);
    await reply(true);
    expect(said).toEqual(['ask about 2', 'quit']);
    expect(question.mayQuit()).toBe(true);
  });

  it('does not happen when the answer is no, and is asked about again the next time', async () => {
    const { question, said, reply } = setup(1);
    question.mayQuit();
    await reply(false);
    expect(said).toEqual(['ask about 1']);
    expect(question.mayQuit()).toBe(false);
    expect(said).toEqual(['ask about 1', 'ask about 1']);
  });

  it('is not held up by a question that cannot be put', async () => {
    const { question, said, reply } = setup(1);
    question.mayQuit();
    await reply(new Error('no display'));
    expect(said.at(-1)).toBe('quit');
  });

  it('needs no question when it was agreed upon elsewhere', () => {
    const { question, said } = setup(1);
    question.agree();
    expect(question.mayQuit()).toBe(true);
    expect(said).toEqual([]);
  });
});
