import { commitment, comparisonCode } from '../../../src-main/engine/pairing/code.ts';
import { inviteProof } from '../../../src-main/engine/pairing/proof.ts';
import { bytesNamed, hex, identityNamed } from './material.ts';

/** Vectors of the two proofs and of the code to compare. */
export async function pairingVectors(): Promise<object> {
  const { spki: inviterSpki } = await identityNamed('inviter');
  const { spki: inviteeSpki } = await identityNamed('invitee');
  return {
    vectors: ['first', 'second', 'third'].map((name) => {
      const secret = bytesNamed(`${name} secret`);
      const exporter = bytesNamed(`${name} exporter`);
      const inviterNonce = bytesNamed(`${name} nonce of the inviter`);
      const inviteeNonce = bytesNamed(`${name} nonce of the invitee`);
      const keys = { exporter, inviterSpki, inviteeSpki };
      return {
        inviterSpki: hex(inviterSpki),
        inviteeSpki: hex(inviteeSpki),
        exporter: hex(exporter),
        secret: hex(secret),
        inviteeProof: hex(inviteProof('invitee', { secret, ...keys })),
        inviterProof: hex(inviteProof('inviter', { secret, ...keys })),
        inviterNonce: hex(inviterNonce),
        inviteeNonce: hex(inviteeNonce),
        commitment: hex(commitment({ nonce: inviterNonce, ...keys })),
        code: comparisonCode({ inviterNonce, inviteeNonce, ...keys }),
      };
    }),
  };
}
