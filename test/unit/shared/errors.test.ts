import { describe, expect, it } from 'vitest';
import {
  asSealaneError,
  codeOfWireNumber,
  ERROR_CODES,
  ERRORS,
  EXIT_CODES,
  SealaneError,
  wireNumber,
} from '../../../shared/errors.ts';

const travelling = ERROR_CODES.filter((code) => ERRORS[code].wire !== undefined);

describe.each(ERROR_CODES)('the error %s', (code) => {
  const { message, exit, wire } = ERRORS[code];

  it('has a stable code and whole sentences that a person can act on', () => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(message.length).toBeLessThan(200);
    expect(message).not.toMatch(/['"`]| {2}|\.\.|!/);
  });

  it('is told from the point of view of who reads it', () => {
    const { ofPeer } = ERRORS[code];
    expect(new SealaneError(code).message).toBe(message);
    expect(new SealaneError(code, { fromPeer: true }).message).toBe(ofPeer ?? message);
    expect(ofPeer ?? 'of the other device.').toMatch(/other device.*\.$/);
  });

  it('ends the command line with one of the promised codes', () => {
    expect(EXIT_CODES[exit]).toBeGreaterThan(0);
    expect(new SealaneError(code).exitCode).toBe(EXIT_CODES[exit]);
  });

  it('travels as its own number, or as an internal error', () => {
    expect(wireNumber(code)).toBe(wire ?? 99);
    expect(codeOfWireNumber(wireNumber(code))).toBe(wire === undefined ? 'internal' : code);
  });
});

describe('the table of errors', () => {
  it('uses no number twice, and only such as fit into a message', () => {
    const numbers = travelling.map(wireNumber);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) {
      expect(Number.isInteger(number) && number > 0 && number <= 65_535).toBe(true);
    }
  });

  it('tells each error apart in words', () => {
    expect(new Set(ERROR_CODES.map((code) => ERRORS[code].message)).size).toBe(ERROR_CODES.length);
  });

  it('makes an internal error of a number from a newer version', () => {
    for (const number of [0, 98, 65_535, -1, 1.5]) expect(codeOfWireNumber(number)).toBe('internal');
  });

  it('promises these exit codes to scripts', () => {
    expect(EXIT_CODES).toEqual({
      done: 0,
      failed: 1,
      usage: 2,
      declined: 3,
      unreachable: 4,
      untrusted: 5,
      cancelled: 6,
      incomplete: 7,
    });
  });
});

describe('a SealaneError', () => {
  it('tells the sentence, and keeps detail and cause for the log', () => {
    const cause = new Error('EPIPE');
    const error = new SealaneError('connection-lost', { cause, detail: 'while sending', fromPeer: true });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'SealaneError', code: 'connection-lost', detail: 'while sending' });
    expect(error.cause).toBe(cause);
    expect(error.fromPeer).toBe(true);
    expect(error.message).toBe(ERRORS['connection-lost'].message);
    expect(error.message).not.toContain('while sending');
  });

  it('says of itself that nobody else said it', () => {
    const error = new SealaneError('internal');
    expect(error.fromPeer).toBe(false);
    expect('cause' in error).toBe(false);
  });
});

describe('anything thrown', () => {
  it('becomes a SealaneError, and stays one', () => {
    const known = new SealaneError('busy');
    expect(asSealaneError(known, 'no-space')).toBe(known);
    const cause = new TypeError('x is not a function');
    expect(asSealaneError(cause)).toMatchObject({ code: 'internal', detail: 'TypeError', cause });
    expect(asSealaneError(cause, 'no-space').code).toBe('no-space');
    for (const odd of ['text', null, undefined, 3]) expect(asSealaneError(odd).code).toBe('internal');
  });
});
