import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inviteProof, proofsEqual } from '../../../../src-main/engine/pairing/proof.ts';
import vectors from '../../../vectors/proof-and-code.json' with { type: 'json' };
import { fromHex, toHex } from '../support.ts';

describe('the proof of an invite', () => {
  it.each(vectors.vectors)('is as in the test vectors: $inviteeProof', (vector) => {
    const context = {
      secret: fromHex(vector.secret),
      exporter: fromHex(vector.exporter),
      inviterSpki: fromHex(vector.inviterSpki),
      inviteeSpki: fromHex(vector.inviteeSpki),
    };
    expect(toHex(inviteProof('inviter', context))).toBe(vector.inviterProof);
    expect(toHex(inviteProof('invitee', context))).toBe(vector.inviteeProof);
  });

  it('is another one for the other role, secret, connection or key', () => {
    const bytes = (length: number) => new Uint8Array(randomBytes(length));
    const context = {
      secret: bytes(32),
      exporter: bytes(32),
      inviterSpki: bytes(91),
      inviteeSpki: bytes(91),
    };
    const { inviterSpki, inviteeSpki } = context;
    const proofs = [
      inviteProof('inviter', context),
      inviteProof('invitee', context),
      inviteProof('inviter', { ...context, secret: bytes(32) }),
      inviteProof('inviter', { ...context, exporter: bytes(32) }),
      inviteProof('inviter', { ...context, inviterSpki: bytes(91) }),
      inviteProof('inviter', { ...context, inviteeSpki: bytes(91) }),
      inviteProof('inviter', { ...context, inviterSpki: inviteeSpki, inviteeSpki: inviterSpki }),
    ];
    expect(new Set(proofs.map(toHex)).size).toBe(proofs.length);
  });

  it('is not made of a secret or an exporter of another length', () => {
    const context = {
      secret: new Uint8Array(32),
      exporter: new Uint8Array(32),
      inviterSpki: new Uint8Array(91),
      inviteeSpki: new Uint8Array(91),
    };
    const wrong = new Uint8Array(16);
    expect(() => inviteProof('inviter', { ...context, secret: wrong })).toThrow(RangeError);
    expect(() => inviteProof('inviter', { ...context, exporter: wrong })).toThrow(RangeError);
  });
});

describe('comparing proofs', () => {
  it('takes nothing for equal but the same bytes', () => {
    const proof = new Uint8Array(randomBytes(32));
    expect(proofsEqual(proof, proof.slice())).toBe(true);
    for (let at = 0; at < proof.length; at += 1) {
      const changed = Uint8Array.from(proof, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(proofsEqual(proof, changed)).toBe(false);
    }
    expect(proofsEqual(proof, proof.subarray(1))).toBe(false);
    expect(proofsEqual(new Uint8Array(), proof)).toBe(false);
  });
});
