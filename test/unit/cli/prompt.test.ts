import { describe, expect, it } from 'vitest';
import { chooseOutput } from '../../../src-main/cli/choose-output.ts';
import { Prompt, readAnswer } from '../../../src-main/cli/prompt.ts';
import { answerTo, fakeHost } from './fake-host.ts';

const never = new AbortController().signal;

function setUp(terminal: boolean, json = false) {
  const host = fakeHost({ terminal });
  return { host, prompt: new Prompt(host, chooseOutput(host, json), json) };
}

describe('readAnswer', () => {
  it.each(['y', 'Y', 'yes', ' YES \r'])('takes %j as yes', (text) => {
    expect(readAnswer(text)).toBe('yes');
  });
  it.each(['n', 'No', ' NO'])('takes %j as no', (text) => {
    expect(readAnswer(text)).toBe('no');
  });
  it.each(['', ' ', 'yeah', 'ja', '1', 'yes no'])('takes %j as neither', (text) => {
    expect(readAnswer(text)).toBeUndefined();
  });
});

describe('a question', () => {
  it.each([
    ['yes\n', 'yes'],
    ['n\n', 'no'],
    ['\nwhat\ny\n', 'yes'],
  ])('answered by %j is %s', async (text, answer) => {
    const { host, prompt } = setUp(true);
    answerTo(host, 'Well?', text);
    expect(await prompt.ask('Well?', never)).toBe(answer);
    expect(host.stdout.text.startsWith('Well? [yes/no] ')).toBe(true);
  });

  it('is asked again until it is answered', async () => {
    const { host, prompt } = setUp(true);
    answerTo(host, 'Well?', '\nperhaps\nno\n');
    await prompt.ask('Well?', never);
    expect(host.stdout.text).toBe('Well? [yes/no] '.repeat(3));
  });

  it('is a no when the input ends', async () => {
    const { host, prompt } = setUp(true);
    host.stdin.end();
    expect(await prompt.ask('Well?', never)).toBe('no');
  });

  it.each([
    ['no terminal', false, false],
    ['--json', true, true],
  ])('finds nobody with %s', async (_name, terminal, json) => {
    const { host, prompt } = setUp(terminal, json);
    expect(prompt.canAsk).toBe(false);
    expect(await prompt.ask('Well?', never)).toBe('nobody');
    expect(host.stdout.text + host.stderr.text).toBe('');
  });

  it('goes to standard error when standard output is a file', async () => {
    const terminal = fakeHost({ terminal: true });
    const host = { ...terminal, stdout: fakeHost().stdout };
    const prompt = new Prompt(host, chooseOutput(host, false), false);
    const asked = prompt.ask('Well?', never);
    await Promise.resolve();
    terminal.stdin.write('yes\n');
    expect(await asked).toBe('yes');
    expect(host.stdout.text).toBe('');
    expect(host.stderr.text).toBe('Well? [yes/no] ');
  });

  it('can be withdrawn', async () => {
    const { host, prompt } = setUp(true);
    const question = new AbortController();
    const asked = prompt.ask('Well?', question.signal);
    await Promise.resolve();
    question.abort();
    expect(await asked).toBe('withdrawn');
    expect(await prompt.ask('Still?', question.signal)).toBe('withdrawn');
    expect(host.stdout.text).not.toContain('Still?');
  });

  it('is over once it was answered', async () => {
    const { host, prompt } = setUp(true);
    const question = new AbortController();
    answerTo(host, 'Well?', 'yes\n');
    await prompt.ask('Well?', question.signal);
    question.abort();
    expect(host.stdout.text).toBe('Well? [yes/no] ');
  });

  it('waits for the one before it', async () => {
    const { host, prompt } = setUp(true);
    const first = prompt.ask('First?', never);
    const second = prompt.ask('Second?', never);
    await Promise.resolve();
    expect(host.stdout.text).not.toContain('Second?');
    answerTo(host, 'Second?', 'no\n');
    host.stdin.write('yes\n');
    expect(await first).toBe('yes');
    expect(await second).toBe('no');
  });
});
