import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  deviceIdOfCertificate,
  deviceIdOfSpki,
  exportIdentity,
  generateIdentity,
  importIdentity,
} from '../../../../src-main/engine/identity/identity.ts';
import vectors from '../../../vectors/device-id.json' with { type: 'json' };
import { codeOf, fromHex } from '../support.ts';

describe('a new identity', () => {
  it('is a P-256 key with a certificate of its own', async () => {
    const identity = await generateIdentity();
    const certificate = new X509Certificate(identity.certificatePem);
    expect(identity.spki).toHaveLength(91);
    expect(deviceIdOfSpki(identity.spki)).toBe(identity.id);
    expect(deviceIdOfCertificate(certificate.raw)).toBe(identity.id);
    expect(certificate.verify(identity.publicKey)).toBe(true);
    expect(identity.publicKey.type).toBe('public');
    expect(identity.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('has a certificate that tells nothing and never ends', async () => {
    const certificate = new X509Certificate((await generateIdentity()).certificatePem);
    expect(certificate.subject).toBe('CN=Sealane');
    expect(certificate.issuer).toBe('CN=Sealane');
    expect(certificate.subjectAltName).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(certificate.validFrom).toBe('Jan  1 00:00:00 1970 GMT');
    expect(certificate.validTo).toBe('Dec 31 23:59:59 9999 GMT');
  });

  it('has a positive serial number of 16 bytes without padding, whatever the dice say', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { serialNumber } = new X509Certificate((await generateIdentity()).certificatePem);
      expect(serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    }
  });

  it('is another one each time', async () => {
    const [one, other] = await Promise.all([generateIdentity(), generateIdentity()]);
    expect(one.id).not.toBe(other.id);
  });
});

describe('an exported identity', () => {
  it('comes back with the same id, and with its certificate if that is given', async () => {
    const identity = await generateIdentity();
    const exported = exportIdentity(identity);
    const again = await importIdentity(exported);
    expect(again.id).toBe(identity.id);
    expect(again.spki).toEqual(identity.spki);
    expect(again.privateKeyPem).toBe(identity.privateKeyPem);
    expect(new X509Certificate(again.certificatePem).publicKey.equals(identity.publicKey)).toBe(true);
    expect((await importIdentity(exported, identity.certificatePem)).certificatePem).toBe(
      identity.certificatePem,
    );
    exported.fill(0);
    expect(exportIdentity(identity)).not.toEqual(exported);
  });

  it('gets a new certificate when the one given is damaged or of another key', async () => {
    const identity = await generateIdentity();
    const other = await generateIdentity();
    for (const wrong of ['', 'nonsense', identity.certificatePem.slice(0, 200), other.certificatePem]) {
      const again = await importIdentity(exportIdentity(identity), wrong);
      expect(again.certificatePem).not.toBe(wrong);
      expect(deviceIdOfCertificate(new X509Certificate(again.certificatePem).raw)).toBe(identity.id);
    }
  });

  it('never comes back as another one, whichever byte of it is changed', async () => {
    const identity = await generateIdentity();
    const exported = exportIdentity(identity);
    let refused = 0;
    for (let at = 0; at < exported.length; at += 1) {
      const changed = Uint8Array.from(exported, (byte, index) => (index === at ? byte ^ 1 : byte));
      // The version number, for one, says nothing about the key.
      const id = await importIdentity(changed).then(
        (again) => again.id,
        () => null,
      );
      expect([identity.id, null], `byte ${String(at)}`).toContain(id);
      if (id === null) refused += 1;
    }
    expect(refused).toBeGreaterThan(32 + 64);
  });

  it('is refused when it is no P-256 key', async () => {
    const keys = [
      generateKeyPairSync('ec', { namedCurve: 'P-384' }),
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ];
    for (const { privateKey } of keys) {
      const der = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
      expect(await codeOf(() => importIdentity(der))).toBe('not-trusted');
    }
    await expect(importIdentity(new Uint8Array(3))).rejects.toThrow();
  });
});

describe('the device id of a key', () => {
  it.each(vectors.keys)('is the hash of its SubjectPublicKeyInfo: $id', ({ spki, certificate, id }) => {
    expect(deviceIdOfSpki(fromHex(spki))).toBe(id);
    expect(deviceIdOfCertificate(fromHex(certificate))).toBe(id);
  });

  it.each(vectors.refusedKeys)('is not given to $why', async ({ spki }) => {
    expect(await codeOf(() => deviceIdOfSpki(fromHex(spki)))).toBe('not-trusted');
  });

  it('is not given to the other writings of a P-256 key', async () => {
    const spki = fromHex(vectors.keys[0]?.spki ?? '');
    // The compressed point: 02 or 03 and x alone.
    const header = fromHex('3039301306072a8648ce3d020106082a8648ce3d030107032200');
    const compressed = new Uint8Array([...header, 2 + ((spki[90] ?? 0) & 1), ...spki.subarray(27, 59)]);
    expect(await codeOf(() => deviceIdOfSpki(compressed))).toBe('not-trusted');
  });

  it('is not given to what is no certificate', async () => {
    const der = fromHex(vectors.keys[0]?.certificate ?? '');
    for (const wrong of [new Uint8Array(), der.subarray(1), der.subarray(0, -1), fromHex('3000')]) {
      expect(await codeOf(() => deviceIdOfCertificate(wrong))).toBe('not-trusted');
    }
  });
});
