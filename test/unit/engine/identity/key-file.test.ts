import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exportIdentity, generateIdentity } from '../../../../src-main/engine/identity/identity.ts';
import { KEY_FILE, loadIdentity } from '../../../../src-main/engine/identity/key-file.ts';
import { formatKeyRecord } from '../../../../src-main/engine/identity/key-record.ts';
import { LOCK_FILE } from '../../../../src-main/engine/store/lock.ts';
import type { KeyProtector } from '../../../../src-main/engine/api.ts';
import { codeOf, temporaryFolder } from '../support.ts';

/** Turns every byte over: enough to see whether the file holds the key itself. */
function protector(name = 'test-keychain'): KeyProtector {
  const turn = (bytes: Uint8Array) => Promise.resolve(bytes.map((byte) => byte ^ 0xff));
  return { name, protect: turn, unprotect: turn };
}

const locked: KeyProtector = {
  ...protector(),
  protect: () => Promise.reject(new Error('locked')),
  unprotect: () => Promise.reject(new Error('locked')),
};

async function newFile(): Promise<{ file: string; copy: string }> {
  const file = join(await temporaryFolder(), 'profile', KEY_FILE);
  return { file, copy: `${file}.copy` };
}

const loadedSchema = z.strictObject({ id: z.string(), created: z.boolean() });
/** What the fixture load-identity.ts says. */
const answerSchema = z.union([loadedSchema, z.strictObject({ code: z.string() })]);

const read = (file: string) => readFile(file, 'utf8');
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

/** Another base64 character in the middle of the key. */
function damaged(text: string): string {
  const at = text.indexOf('"key"') + 60;
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

describe('a profile without a key', () => {
  it('gets one, which is the same from then on', async () => {
    const { file } = await newFile();
    const made = await loadIdentity(file);
    expect(made).toMatchObject({ created: true, protection: 'file' });
    const again = await loadIdentity(file);
    expect(again).toMatchObject({ created: false, protection: 'file' });
    expect(again.identity.id).toBe(made.identity.id);
    expect(again.identity.certificatePem).toBe(made.identity.certificatePem);
  });

  it('keeps it and its copy where only the owner can read them, and nothing else', async () => {
    const { file, copy } = await newFile();
    await loadIdentity(file);
    expect(await modeOf(file)).toBe(0o600);
    expect(await modeOf(copy)).toBe(0o600);
    expect(await modeOf(join(file, '..'))).toBe(0o700);
    expect(await read(copy)).toBe(await read(file));
    expect((await readdir(join(file, '..'))).sort()).toEqual([KEY_FILE, `${KEY_FILE}.copy`, LOCK_FILE]);
  });

  it('gets exactly one when several processes start at once', async () => {
    const { file } = await newFile();
    const fixture = join(import.meta.dirname, 'fixtures', 'load-identity.ts');
    const outputs = await Promise.all(
      Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, [fixture, file])),
    );
    const answers = outputs.map(({ stdout }) => loadedSchema.parse(JSON.parse(stdout)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect((await loadIdentity(file)).identity.id).toBe(answers[0]?.id);
  });

  it('gets exactly one when one process loads it several times at once', async () => {
    const { file } = await newFile();
    const all = await Promise.all(Array.from({ length: 8 }, () => loadIdentity(file)));
    expect(new Set(all.map(({ identity }) => identity.id)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
  });

  it('does not wait for a process that was killed over it, whatever its lock is dated', async () => {
    const { file } = await newFile();
    const folder = join(file, '..');
    await mkdir(folder, { mode: 0o700 });
    const fixture = join(import.meta.dirname, '..', 'store', 'fixtures', 'hold-lock.ts');
    const child = spawn(process.execPath, [fixture, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const tomorrow = new Date(Date.now() + 24 * 60 * 60_000);
    for (const name of await readdir(folder)) await utimes(join(folder, name), tomorrow, tomorrow);
    expect(await loadIdentity(file)).toMatchObject({ created: true });
  });

  it('is not in the way of a lock that an earlier version left', async () => {
    const { file } = await newFile();
    await mkdir(`${file}.lock`, { recursive: true, mode: 0o700 });
    const tomorrow = new Date(Date.now() + 24 * 60 * 60_000);
    await utimes(`${file}.lock`, tomorrow, tomorrow);
    expect(await loadIdentity(file)).toMatchObject({ created: true });
  });
});

describe('a damaged key file', () => {
  const damages: Record<string, (text: string) => string> = {
    empty: () => '',
    'cut off': (text) => text.slice(0, text.length / 2),
    'with a changed key': damaged,
    'with zeros instead of text': (text) => '\0'.repeat(text.length),
    'with another id': (text) => text.replace(/"id": "..../, '"id": "AAAA'),
    'said to be under a keychain': (text) => text.replace('"file"', '"test-keychain"'),
  };

  it.each(Object.entries(damages))('%s is repaired from the copy', async (_name, damage) => {
    const { file, copy } = await newFile();
    const { identity } = await loadIdentity(file);
    const sound = await read(file);
    await writeFile(file, damage(sound));
    const again = await loadIdentity(file);
    expect(again).toMatchObject({ created: false, protection: 'file' });
    expect(again.identity.id).toBe(identity.id);
    expect(await read(file)).toBe(sound);
    expect(await read(copy)).toBe(sound);
  });

  it.each(Object.entries(damages))('%s, when it is the copy, is made anew', async (_name, damage) => {
    const { file, copy } = await newFile();
    const { identity } = await loadIdentity(file);
    const sound = await read(file);
    await writeFile(copy, damage(sound));
    expect((await loadIdentity(file)).identity.id).toBe(identity.id);
    expect(await read(copy)).toBe(sound);
  });

  it('is put back when it is missing, and so is the copy', async () => {
    const { file, copy } = await newFile();
    const { identity } = await loadIdentity(file);
    for (const missing of [file, copy]) {
      await rm(missing);
      expect((await loadIdentity(file)).identity.id).toBe(identity.id);
      expect(await read(file)).toBe(await read(copy));
    }
  });

  it('without a sound copy is never replaced by a new identity', async () => {
    const { file, copy } = await newFile();
    await loadIdentity(file);
    const broken = damaged(await read(file));
    const cases: readonly (readonly [string | null, string | null])[] = [
      [broken, broken],
      [broken, null],
      [null, broken],
      ['', ''],
    ];
    for (const [main, second] of cases) {
      for (const [path, text] of [
        [file, main],
        [copy, second],
      ] as const) {
        await rm(path, { force: true });
        if (text !== null) await writeFile(path, text);
      }
      expect(await codeOf(() => loadIdentity(file))).toBe('profile-damaged');
      expect(await read(file).catch(() => null)).toBe(main);
      expect(await read(copy).catch(() => null)).toBe(second);
    }
  });

  it('that holds another key than it says is damaged, though its check is right', async () => {
    const { file, copy } = await newFile();
    const { identity } = await loadIdentity(file);
    const other = await generateIdentity();
    const sound = await read(file);
    const mixed = formatKeyRecord({
      protector: 'file',
      id: identity.id,
      certificate: identity.certificatePem,
      key: exportIdentity(other),
    });
    await writeFile(file, mixed);
    expect((await loadIdentity(file)).identity.id).toBe(identity.id);
    expect(await read(file)).toBe(sound);
    await writeFile(file, mixed);
    await writeFile(copy, mixed);
    expect(await codeOf(() => loadIdentity(file))).toBe('profile-damaged');
  });

  it('decides, when it is sound, whatever sound key the copy holds', async () => {
    const one = await newFile();
    const other = await newFile();
    const { identity } = await loadIdentity(one.file);
    await loadIdentity(other.file);
    await copyFile(other.file, one.copy);
    expect((await loadIdentity(one.file)).identity.id).toBe(identity.id);
    expect(await read(one.copy)).toBe(await read(one.file));
  });

  it('of a newer version is left alone', async () => {
    const { file, copy } = await newFile();
    await loadIdentity(file);
    const newer = (await read(file)).replace('"version": 1', '"version": 2');
    await writeFile(file, newer);
    await writeFile(copy, newer);
    expect(await codeOf(() => loadIdentity(file))).toBe('profile-unusable');
    expect(await read(file)).toBe(newer);
  });
});

/** Runs the fixture where a file may have no more than 512 bytes, which is less than a key file has. */
async function loadWithLimit(file: string, ...args: string[]): Promise<z.infer<typeof answerSchema>> {
  const fixture = join(import.meta.dirname, 'fixtures', 'load-identity.ts');
  const command = ['-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, fixture, file, ...args];
  const { stdout } = await promisify(execFile)('sh', command);
  return answerSchema.parse(JSON.parse(stdout));
}

describe.runIf(process.platform !== 'win32')('a key file that does not fit on the disk', () => {
  it.each(['missing', 'damaged'])('as a copy that is %s leaves the other one as it was', async (how) => {
    for (const which of ['file', 'copy'] as const) {
      const files = await newFile();
      const { identity } = await loadIdentity(files.file);
      const [broken, whole] = which === 'file' ? [files.file, files.copy] : [files.copy, files.file];
      const sound = await read(whole);
      if (how === 'missing') await rm(broken);
      else await writeFile(broken, 'rubbish');
      expect(await loadWithLimit(files.file)).toEqual({ id: identity.id, created: false });
      expect(await read(whole)).toBe(sound);
      expect((await loadIdentity(files.file)).identity.id).toBe(identity.id);
      expect([await read(broken), await read(whole)]).toEqual([sound, sound]);
    }
  });

  it('under its new protector leaves both as they were', async () => {
    const { file, copy } = await newFile();
    const { identity } = await loadIdentity(file);
    const sound = await read(file);
    expect(await loadWithLimit(file, 'protected')).toEqual({ id: identity.id, created: false });
    expect([await read(file), await read(copy)]).toEqual([sound, sound]);
    expect((await loadIdentity(file)).identity.id).toBe(identity.id);
  });

  it('in a new profile is no key: it says so, and the next start makes one', async () => {
    const { file } = await newFile();
    expect(await loadWithLimit(file)).toEqual({ code: 'profile-unusable' });
    expect(await readdir(join(file, '..'))).toEqual([LOCK_FILE]);
    expect(await loadIdentity(file)).toMatchObject({ created: true });
  });
});

describe('a key under a protector', () => {
  it('is not in the file, and comes back only through it', async () => {
    const { file } = await newFile();
    const { identity, protection } = await loadIdentity(file, protector());
    expect(protection).toBe('keychain');
    const exported = Buffer.from(exportIdentity(identity)).toString('base64');
    expect(await read(file)).not.toContain(exported);
    expect(await loadIdentity(file, protector())).toMatchObject({
      created: false,
      protection: 'keychain',
      identity: { id: identity.id },
    });
  });

  it('is not opened without one, with another one, or by one that is locked', async () => {
    const { file } = await newFile();
    await loadIdentity(file, protector());
    const before = await read(file);
    for (const wrong of [undefined, protector('another'), locked]) {
      expect(await codeOf(() => loadIdentity(file, wrong))).toBe('key-locked');
    }
    expect(await read(file)).toBe(before);
  });

  it('was in the file before, and is there no longer', async () => {
    const { file, copy } = await newFile();
    const { identity } = await loadIdentity(file);
    const exported = Buffer.from(exportIdentity(identity)).toString('base64');
    expect(await read(file)).toContain(exported);
    const again = await loadIdentity(file, protector());
    expect(again).toMatchObject({ protection: 'keychain', created: false, identity: { id: identity.id } });
    expect(await read(file)).not.toContain(exported);
    expect(await read(copy)).not.toContain(exported);
  });

  it('stays in the file, said to be there, when the keychain will not take it or garbles it', async () => {
    const { file } = await newFile();
    const garbling = { ...protector(), unprotect: () => Promise.resolve(new Uint8Array(138)) };
    for (const useless of [locked, garbling]) {
      const { identity, protection } = await loadIdentity(file, useless);
      expect(protection).toBe('file');
      expect((await loadIdentity(file)).identity.id).toBe(identity.id);
    }
  });

  it('may not be under a name that means no protection', async () => {
    const { file } = await newFile();
    await expect(loadIdentity(file, protector('file'))).rejects.toThrow(RangeError);
  });
});

describe('around the key file', () => {
  it('permissions that are too wide are narrowed', async () => {
    const { file, copy } = await newFile();
    await loadIdentity(file);
    await chmod(file, 0o644);
    await chmod(copy, 0o666);
    await loadIdentity(file);
    expect([await modeOf(file), await modeOf(copy)]).toEqual([0o600, 0o600]);
  });

  it('remnants of a killed write go with the next one, and nothing else does', async () => {
    const { file, copy } = await newFile();
    await loadIdentity(file);
    const others = [`${file}.note`, join(file, '..', 'devices.json.123')];
    for (const path of [`${file}.new`, `${copy}.new`, ...others]) await writeFile(path, 'x');
    await loadIdentity(file, protector());
    expect((await readdir(join(file, '..'))).sort()).toEqual([
      'devices.json.123',
      KEY_FILE,
      `${KEY_FILE}.copy`,
      `${KEY_FILE}.note`,
      LOCK_FILE,
    ]);
  });

  it('a profile that cannot be read or made is named as such', async () => {
    const { file } = await newFile();
    await mkdir(file, { recursive: true });
    expect(await codeOf(() => loadIdentity(file))).toBe('profile-unusable');
    const blocked = join(await temporaryFolder(), 'a-file');
    await writeFile(blocked, '');
    expect(await codeOf(() => loadIdentity(join(blocked, KEY_FILE)))).toBe('profile-unusable');
  });
});
