import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitment, comparisonCode, verifyCommitment } from '../../../../src-main/engine/pairing/code.ts';
import vectors from '../../../vectors/proof-and-code.json' with { type: 'json' };
import { fromHex, toHex } from '../support.ts';

const bytes = (length: number) => new Uint8Array(randomBytes(length));
const newContext = () => ({ inviterSpki: bytes(91), inviteeSpki: bytes(91), exporter: bytes(32) });

describe.each(vectors.vectors)('the test vector with the code $code', (vector) => {
  const context = {
    inviterSpki: fromHex(vector.inviterSpki),
    inviteeSpki: fromHex(vector.inviteeSpki),
    exporter: fromHex(vector.exporter),
  };
  const inviterNonce = fromHex(vector.inviterNonce);
  const inviteeNonce = fromHex(vector.inviteeNonce);

  it('has this commitment', () => {
    expect(toHex(commitment({ ...context, nonce: inviterNonce }))).toBe(vector.commitment);
    expect(verifyCommitment(fromHex(vector.commitment), { ...context, nonce: inviterNonce })).toBe(true);
  });

  it('has this code', () => {
    expect(comparisonCode({ ...context, inviterNonce, inviteeNonce })).toBe(vector.code);
  });
});

describe('a commitment', () => {
  it('fits only the nonce, keys and connection it was made with', () => {
    const context = newContext();
    const nonce = bytes(32);
    const committed = commitment({ ...context, nonce });
    expect(verifyCommitment(committed, { ...context, nonce })).toBe(true);
    const { inviterSpki, inviteeSpki } = context;
    for (const other of [
      { ...context, nonce: bytes(32) },
      { ...context, nonce, exporter: bytes(32) },
      { ...context, nonce, inviterSpki: bytes(91) },
      { ...context, nonce, inviteeSpki: bytes(91) },
      { ...context, nonce, inviterSpki: inviteeSpki, inviteeSpki: inviterSpki },
    ]) {
      expect(verifyCommitment(committed, other)).toBe(false);
    }
    expect(verifyCommitment(committed.subarray(1), { ...context, nonce })).toBe(false);
    expect(verifyCommitment(new Uint8Array(32), { ...context, nonce })).toBe(false);
  });
});

describe('the code to compare', () => {
  it('is six digits in two groups, leading zeros and all', () => {
    const context = newContext();
    const codes = Array.from({ length: 200 }, () =>
      comparisonCode({ ...context, inviterNonce: bytes(32), inviteeNonce: bytes(32) }),
    );
    for (const code of codes) expect(code).toMatch(/^\d{3} \d{3}$/);
    // One in ten begins with a zero: that none of 200 does happens once in a thousand million runs.
    expect(codes.some((code) => code.startsWith('0'))).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(190);
  });

  it('depends on everything', () => {
    const context = newContext();
    const nonces = { inviterNonce: bytes(32), inviteeNonce: bytes(32) };
    const code = comparisonCode({ ...context, ...nonces });
    expect(comparisonCode({ ...context, ...nonces })).toBe(code);
    const { inviterNonce, inviteeNonce } = nonces;
    const others = [
      { ...context, ...nonces, inviterNonce: bytes(32) },
      { ...context, ...nonces, inviteeNonce: bytes(32) },
      { ...context, ...nonces, exporter: bytes(32) },
      { ...context, ...nonces, inviterSpki: bytes(91) },
      { ...context, ...nonces, inviteeSpki: bytes(91) },
      { ...context, inviterNonce: inviteeNonce, inviteeNonce: inviterNonce },
    ].map(comparisonCode);
    // By chance one of them may agree, in six of a million runs; two do not.
    expect(others.filter((other) => other === code).length).toBeLessThan(2);
  });

  it('is not made of anything of another length', () => {
    const good = { ...newContext(), inviterNonce: bytes(32), inviteeNonce: bytes(32) };
    const wrong = bytes(31);
    expect(() => comparisonCode({ ...good, inviterNonce: wrong })).toThrow(RangeError);
    expect(() => comparisonCode({ ...good, inviteeNonce: wrong })).toThrow(RangeError);
    expect(() => comparisonCode({ ...good, exporter: wrong })).toThrow(RangeError);
    expect(() => commitment({ ...good, nonce: wrong })).toThrow(RangeError);
  });
});
