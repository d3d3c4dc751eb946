import { describe, expect, it } from 'vitest';
import { chooseOutput } from '../../../src-main/cli/choose-output.ts';
import { Prompt, readAnswer } from '../../../src-main/cli/prompt.ts';
import { answer, answerTo, digitsOf, fakeHost } from './fake-host.ts';

const never = new AbortController().signal;

function setUp(terminal: boolean, json = false) {
  const host = fakeHost({ terminal });
  return { host, prompt: new Prompt(host, chooseOutput(host, json), json) };
}

/** What a question looks like whose digits are not known beforehand. */
const asked = (text: string): RegExp => new RegExp(`${text.replace('?', '\\?')} \\[yes (\\d{3})/no \\1\\] `);

describe('readAnswer', () => {
  it.each(['y 471', 'Y 471', 'yes 471', ' YES  471 \r', 'yes 4 71'])('takes %j as yes to 471', (text) => {
    expect(readAnswer(text, '471')).toBe('yes');
  });
  it.each(['n 471', 'No 471', ' NO 471'])('takes %j as no to 471', (text) => {
    expect(readAnswer(text, '471')).toBe('no');
  });
  it.each(['', ' ', 'yeah', 'ja', '1', '471', 'yes no', 'yes 471 482', 'ye', 'yeyes 471', 'yes471'])(
    'takes %j as neither, to any question',
    (text) => {
      expect(readAnswer(text, '471')).not.toBe('yes');
      expect(readAnswer(text, '471')).not.toBe('no');
    },
  );
  it.each(['yes', 'no', 'y', 'yes 482', 'no 482', 'yes 47', 'yes 4711'])(
    'takes %j for no answer to 471, and says why',
    (text) => {
      expect(readAnswer(text, '471')).toMatchObject({ sentence: expect.stringMatching(/\.$/) as unknown });
    },
  );
});

describe('the end of input', () => {
  it('is a no to the question that stands, and after it there is nobody to ask, in no queue either', async () => {
    const { host, prompt } = setUp(true);
    const answers = [prompt.ask({ text: 'One?' }, never), prompt.ask({ text: 'Two?' }, never)];
    host.stdin.end();
    expect(await Promise.all(answers)).toEqual(['no', 'nobody']);
    expect(await prompt.ask({ text: 'Three?' }, never)).toBe('nobody');
    expect(prompt.canAsk).toBe(false);
    expect(host.stdout.text).not.toMatch(/Two|Three/);
  });
});

describe('a question', () => {
  it.each(['yes', 'no'] as const)('is answered with %s and its digits', async (word) => {
    const { host, prompt } = setUp(true);
    answer(host, 'Well?', word);
    expect(await prompt.ask({ text: 'Well?' }, never)).toBe(word);
    expect(host.stdout.text).toMatch(asked('Well?'));
  });

  it('is asked again, with the same digits, until it is answered', async () => {
    const { host, prompt } = setUp(true);
    answerTo(host, 'Well?', '\nperhaps\n');
    const end = prompt.ask({ text: 'Well?' }, never);
    await expect.poll(() => host.stdout.text.split('Well?').length).toBe(4);
    const all = [...host.stdout.text.matchAll(/yes (\d+)/g)].map(([, digits]) => digits);
    expect(new Set(all).size).toBe(1);
    host.stdin.write(`no ${digitsOf(host.stdout.text)}\n`);
    expect(await end).toBe('no');
  });

  it('is not answered by a word alone, nor with the digits of another one, and says so', async () => {
    const { host, prompt } = setUp(true);
    const end = prompt.ask({ text: 'Well?' }, never);
    await Promise.resolve();
    const digits = digitsOf(host.stdout.text);
    host.stdin.write(`yes\nyes ${digits === '999' ? '998' : '999'}\n`);
    await expect.poll(() => host.stdout.text.split('Well?').length).toBe(4);
    expect(host.stdout.text).toContain('The digits tell which question is answered.');
    expect(host.stdout.text).toContain('These digits are not those of this question.');
    host.stdin.write(`yes ${digits}\n`);
    expect(await end).toBe('yes');
  });

  it('may have digits of its own, and its own words for others', async () => {
    const { host, prompt } = setUp(true);
    const end = prompt.ask({ text: 'Same?', key: '123456', hint: 'Another code.' }, never);
    await Promise.resolve();
    expect(host.stdout.text).toBe('Same? [yes 123456/no 123456] ');
    host.stdin.write('yes 123457\n');
    await expect.poll(() => host.stdout.text).toContain('Another code.\n');
    host.stdin.write('yes 123 456\n');
    expect(await end).toBe('yes');
  });

  it('is a no when the input ends', async () => {
    const { host, prompt } = setUp(true);
    host.stdin.end();
    expect(await prompt.ask({ text: 'Well?' }, never)).toBe('no');
  });

  it.each([
    ['no terminal', false, false],
    ['--json', true, true],
  ])('finds nobody with %s', async (_name, terminal, json) => {
    const { host, prompt } = setUp(terminal, json);
    expect(prompt.canAsk).toBe(false);
    expect(await prompt.ask({ text: 'Well?' }, never)).toBe('nobody');
    expect(host.stdout.text + host.stderr.text).toBe('');
  });

  it('goes to standard error when standard output is a file', async () => {
    const terminal = fakeHost({ terminal: true });
    const host = { ...terminal, stdout: fakeHost().stdout };
    const prompt = new Prompt(host, chooseOutput(host, false), false);
    const end = prompt.ask({ text: 'Well?' }, never);
    await Promise.resolve();
    terminal.stdin.write(`yes ${digitsOf(host.stderr.text)}\n`);
    expect(await end).toBe('yes');
    expect(host.stdout.text).toBe('');
    expect(host.stderr.text).toMatch(asked('Well?'));
  });

  it('that is withdrawn while it waits for its turn is over at once, and the next in line is asked', async () => {
    const { host, prompt } = setUp(true);
    const first = prompt.ask({ text: 'One?' }, never);
    const gone = Array.from({ length: 1_000 }, () => {
      const withdrawal = new AbortController();
      const answered = prompt.ask({ text: 'Two?' }, withdrawal.signal);
      withdrawal.abort();
      return answered;
    });
    const last = prompt.ask({ text: 'Three?' }, never);
    expect(new Set(await Promise.all(gone))).toEqual(new Set(['withdrawn']));
    host.stdin.write(`no ${digitsOf(host.stdout.text)}\n`);
    expect(await first).toBe('no');
    await expect.poll(() => host.stdout.text).toContain('Three?');
    expect(host.stdout.text).not.toContain('Two?');
    host.stdin.write(`yes ${digitsOf(host.stdout.text)}\n`);
    expect(await last).toBe('yes');
  });

  it('can be withdrawn', async () => {
    const { host, prompt } = setUp(true);
    const question = new AbortController();
    const end = prompt.ask({ text: 'Well?' }, question.signal);
    await Promise.resolve();
    question.abort();
    expect(await end).toBe('withdrawn');
    expect(await prompt.ask({ text: 'Still?' }, question.signal)).toBe('withdrawn');
    expect(host.stdout.text).not.toContain('Still?');
  });

  it('is over once it was answered', async () => {
    const { host, prompt } = setUp(true);
    const question = new AbortController();
    answer(host, 'Well?', 'yes');
    await prompt.ask({ text: 'Well?' }, question.signal);
    const shown = host.stdout.text;
    question.abort();
    expect(host.stdout.text).toBe(shown);
  });

  it('waits for the one before it', async () => {
    const { host, prompt } = setUp(true);
    const first = prompt.ask({ text: 'First?' }, never);
    const second = prompt.ask({ text: 'Second?' }, never);
    await Promise.resolve();
    expect(host.stdout.text).not.toContain('Second?');
    answer(host, 'Second?', 'no');
    host.stdin.write(`yes ${digitsOf(host.stdout.text)}\n`);
    expect(await first).toBe('yes');
    expect(await second).toBe('no');
  });
});

describe('what was typed for one question', () => {
  it.each(['yes', 'no'] as const)(
    'answers no other one, when it is a whole %s that came too late',
    async (word) => {
      const { host, prompt } = setUp(true);
      const first = new AbortController();
      const one = prompt.ask({ text: 'First?' }, first.signal);
      await Promise.resolve();
      const typed = `${word} ${digitsOf(host.stdout.text)}\n`;
      first.abort();
      expect(await one).toBe('withdrawn');
      let answered: string | undefined;
      const two = prompt.ask({ text: 'Second?' }, never).then((given) => (answered = given));
      await Promise.resolve();
      host.stdin.write(typed);
      await expect.poll(() => host.stdout.text.split('Second?').length).toBe(3);
      expect(answered).toBeUndefined();
      host.stdin.write(`no ${digitsOf(host.stdout.text, 'Second?')}\n`);
      expect(await two).toBe('no');
    },
  );

  it('answers none of 500 that come after it, wherever in the line the question changed', async () => {
    const { host, prompt } = setUp(true);
    const keys: string[] = [];
    for (let count = 0; count < 500; count += 1) {
      const question = new AbortController();
      const end = prompt.ask({ text: `Question ${String(count)}?` }, question.signal);
      await expect
        .poll(() => digitsOf(host.stdout.text, `Question ${String(count)}?`), { interval: 1 })
        .not.toBe('none');
      keys.push(digitsOf(host.stdout.text, `Question ${String(count)}?`));
      question.abort();
      expect(await end).toBe('withdrawn');
      host.stdout.text = '';
    }
    expect(new Set(keys).size).toBe(keys.length);
    // Part of an answer to one, then the whole of an answer to another: no line of this kind is an answer to
    // a third.
    const [first = '', second = ''] = keys;
    for (let cut = 0; cut <= `yes ${first}`.length; cut += 1) {
      const line = `${`yes ${first}`.slice(0, cut)}yes ${second}`;
      for (const key of keys.slice(2)) expect(['yes', 'no']).not.toContain(readAnswer(line, key));
    }
  });
});
