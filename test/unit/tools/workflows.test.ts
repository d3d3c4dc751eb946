import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isTrusted,
  parseWorkflow,
  workflowBreaches,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from '../../support/workflows.ts';
import { root } from '../../tools/paths.mjs';

/** What builds has no secret, and what has a secret runs no code of others: the workflows as data, and their scripts as they are. */

const folder = join(root, '.github', 'workflows');
const read = async (name: string): Promise<Workflow> =>
  parseWorkflow(await readFile(join(folder, name), 'utf8'));
const pinned = (await readFile(join(root, '.nvmrc'), 'utf8')).trim();
const release = await read('release.yml');

function job(workflow: Workflow, name: string): WorkflowJob {
  const found = workflow.jobs[name];
  if (found === undefined) throw new Error(`there is no job ${name}`);
  return found;
}

describe('the workflows', () => {
  it('keep every rule', async () => {
    const names = await readdir(folder);
    expect(names.sort()).toEqual(['release.yml', 'renew.yml', 'test.yml']);
    for (const name of names) expect(workflowBreaches(await read(name), pinned), name).toEqual([]);
  });

  it('build without a secret and sign without packages of others', () => {
    const trusted = Object.keys(release.jobs).filter((name) => isTrusted(release, job(release, name)));
    expect(trusted).toEqual(['sign-windows', 'sign-macos', 'sign', 'draft']);
    const building = Object.entries(release.jobs).filter(([, { steps }]) =>
      steps.some(({ run = '' }) => /\bnpm\b/.test(run)),
    );
    expect(building.map(([name]) => name)).toEqual(['build']);
    expect(job(release, 'build').permissions).toEqual({ contents: 'read' });
  });

  it('show each secret to one step only, which runs one script of this repository', () => {
    const seen = Object.values(release.jobs)
      .flatMap(({ steps }) => steps)
      .filter((step) => /\bsecrets\b/.test(JSON.stringify(step)));
    const commands = seen.map(({ run = '' }) => run.trim().split('\n').at(-1));
    expect(commands).toEqual([
      'bash test/tools/package/sign-windows.sh out',
      'bash test/tools/package/sign-macos.sh out',
      'node test/tools/package/sign-release.ts out "${GITHUB_REF_NAME#v}"',
    ]);
    for (const { uses } of seen) expect(uses).toBeUndefined();
    expect(
      Object.values(release.jobs).filter(({ env }) => /\bsecrets\b/.test(JSON.stringify([env]))),
    ).toEqual([]);
  });

  it('hand every file from job to job under a digest of the job before', () => {
    const chain = ['sign-windows', 'sign-macos', 'sign', 'draft'].map((name) => {
      const step = job(release, name).steps.find(({ run = '' }) => run.includes('verify-digests.sh'));
      return [...String(step?.env?.['SEALANE_DIGESTS']).matchAll(/needs\.([\w.-]+)/g)].map(
        ([, each]) => each,
      );
    });
    expect(chain).toEqual([
      ['build.outputs.windows'],
      ['build.outputs.macos'],
      ['build.outputs.linux', 'sign-windows.outputs.digests', 'sign-macos.outputs.digests'],
      ['sign.outputs.digests'],
    ]);
    for (const reference of chain.flat()) {
      const [name = '', , output = ''] = reference?.split('.') ?? [];
      expect(Object.keys(job(release, name).outputs ?? {})).toContain(output);
    }
  });

  it('never test or build on a runtime other than the official one', async () => {
    for (const { jobs } of [release, await read('test.yml')]) {
      for (const { steps, env } of Object.values(jobs)) {
        if (steps.some(({ run = '' }) => /\bnpm\b/.test(run)))
          expect(env).toMatchObject({ SEALANE_ELECTRON: 'official' });
      }
    }
  });
});

const secret = '${{ secrets.SEALANE_UPDATE_KEY }}';
const sha = 'a'.repeat(40);

/** One broken example for each rule: what is done to the release, and what is said of it. */
const broken: readonly (readonly [string, RegExp, (workflow: Workflow) => void])[] = [
  ['npm runs where the key is', /beside a secret/, (w) => job(w, 'sign').steps.push({ run: 'npm ci' })],
  [
    'a package runs where the key is',
    /beside a secret/,
    (w) => job(w, 'sign').steps.push({ run: 'npx tool' }),
  ],
  [
    'a program of node_modules runs where a certificate is',
    /beside a secret/,
    (w) => job(w, 'sign-macos').steps.push({ run: 'bash node_modules/.bin/tool' }),
  ],
  [
    'something is fetched where the key is',
    /beside a secret/,
    (w) => job(w, 'sign').steps.push({ run: 'curl https://example.org | sh' }),
  ],
  [
    'another program of Node runs where the key is',
    /Node runs something else/,
    (w) => job(w, 'sign').steps.push({ run: 'node test/tools/run.mjs package' }),
  ],
  ['the build is given the key', /build: .*beside a secret/, (w) => (job(w, 'build').env = { KEY: secret })],
  [
    'a step of the build is given the key',
    /build: .*beside a secret/,
    (w) => job(w, 'build').steps.push({ run: 'true', env: { KEY: secret } }),
  ],
  ['every job is given the key', /every job sees a secret/, (w) => (w.env = { KEY: secret })],
  [
    'the build can make attestations',
    /build: .*beside a secret/,
    (w) => (job(w, 'build').permissions = { contents: 'read', 'id-token': 'write' }),
  ],
  [
    'the build enters the environment of the secrets',
    /build: /,
    (w) => (job(w, 'build').environment = 'release'),
  ],
  ['every job can write', /every job can do more/, (w) => (w.permissions = { contents: 'write' })],
  [
    'an action of somebody else runs where the key is',
    /sees a secret/,
    (w) => job(w, 'sign').steps.push({ uses: `somebody/tool@${sha}` }),
  ],
  [
    'another repository is checked out where the key is',
    /code of others is checked out/,
    (w) =>
      job(w, 'sign').steps.push({
        uses: `actions/checkout@${sha}`,
        with: { repository: 'somebody/tool', 'persist-credentials': false },
      }),
  ],
  [
    'a cache of npm is used where the key is',
    /a cache is used/,
    (w) =>
      job(w, 'sign').steps.push({
        uses: `actions/setup-node@${sha}`,
        with: { 'node-version': pinned, cache: 'npm' },
      }),
  ],
  [
    'an image of others runs where the key is',
    /an image/,
    (w) => (job(w, 'sign').container = 'somebody/image'),
  ],
  [
    'an action is named by a tag',
    /not pinned by its commit/,
    (w) => job(w, 'build').steps.push({ uses: 'actions/cache@v4' }),
  ],
  [
    'a checkout keeps its token',
    /leaves its token/,
    (w) => job(w, 'build').steps.push({ uses: `actions/checkout@${sha}` }),
  ],
  [
    'an expression is pasted into a script',
    /pasted into a script/,
    (w) => job(w, 'draft').steps.push({ run: 'echo ${{ github.head_ref }}' }),
  ],
  [
    'Node is whichever is newest',
    /Node is not/,
    (w) => job(w, 'build').steps.push({ uses: `actions/setup-node@${sha}`, with: { 'node-version': 24 } }),
  ],
  ...(['build', 'sign'] as const).map(
    (name) =>
      [
        `the Node of ${name} is not verified`,
        /before it is verified/,
        (w: Workflow) => {
          remove(w, name, 'verify-node.sh');
        },
      ] as const,
  ),
  ...(['sign-windows', 'sign-macos', 'sign', 'draft'] as const).map(
    (name) =>
      [
        `the files of ${name} are not held against their digests`,
        /before they are verified/,
        (w: Workflow) => {
          remove(w, name, 'verify-digests.sh');
        },
      ] as const,
  ),
  [
    'files are held against digests that came with them',
    /before they are verified/,
    (w) => {
      for (const step of job(w, 'sign').steps) {
        if (step.run?.includes('verify-digests.sh') === true)
          step.env = { SEALANE_DIGESTS: 'from the artifact' };
      }
    },
  ],
  [
    'the release is drafted with attestations that were not looked at',
    /before its attestations/,
    (w) => {
      remove(w, 'draft', 'verify-attestations.sh');
    },
  ],
  [
    'attestations are looked at after the draft',
    /before its attestations/,
    (w) => job(w, 'draft').steps.reverse(),
  ],
];

/** Takes the steps out of a job whose script has these words. */
function remove(workflow: Workflow, name: string, words: string): void {
  const { steps } = job(workflow, name);
  const kept = steps.filter(({ run = '' }) => !run.includes(words));
  expect(kept.length).toBe(steps.length - 1);
  steps.splice(0, steps.length, ...kept);
}

const renewal = await read('renew.yml');
const renewStep = (workflow: Workflow, words: string): WorkflowStep => {
  const step = job(workflow, 'renew').steps.find(({ run = '' }) => run.includes(words));
  if (step === undefined) throw new Error(`no step has ${words}`);
  return step;
};

/** The same for the workflow that signs manifests anew. */
const brokenRenewal: readonly (readonly [string, RegExp, (workflow: Workflow) => void])[] = [
  [
    'a manifest is renewed without the tag of its release',
    /without the tag/,
    (w) => (renewStep(w, '--renew').run = 'node test/tools/package/sign-release.ts --renew out'),
  ],
  [
    'a manifest is renewed for another tag than the one asked for',
    /without the tag/,
    (w) => (renewStep(w, '--renew').env = { TAG: 'v1.0.0', SEALANE_UPDATE_KEY: secret }),
  ],
  [
    'a manifest is renewed beside files whose attestations were not looked at',
    /before the attestations/,
    (w) => {
      remove(w, 'renew', 'verify-attestations.sh');
    },
  ],
  [
    'the attestations beside a renewed manifest may be of any tag',
    /attestations of another tag/,
    (w) =>
      (renewStep(w, 'verify-attestations.sh').run = 'bash test/tools/package/verify-attestations.sh out'),
  ],
];

describe('a workflow is found out when', () => {
  it.each(brokenRenewal)('%s', (_what, said, act) => {
    const changed = structuredClone(renewal);
    act(changed);
    expect(workflowBreaches(changed, pinned).join('\n')).toMatch(said);
  });

  it.each(broken)('%s', (_what, said, act) => {
    const changed = structuredClone(release);
    act(changed);
    const found = workflowBreaches(changed, pinned);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toMatch(said);
  });
});

describe.runIf(process.platform === 'linux')('the scripts of the workflows', () => {
  let work: string;
  let out: string;
  const list = (files: Readonly<Record<string, string>>): string =>
    Object.entries(files)
      .map(([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`)
      .join('');
  const files = { 'sealane-1.deb': 'one', 'sealane-linux.cdx.json': 'two' };

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'sealane-workflow-'));
    out = join(work, 'out');
    await mkdir(out);
    for (const [name, text] of Object.entries(files)) await writeFile(join(out, name), text);
  });
  afterEach(async () => {
    await rm(work, { recursive: true, force: true });
  });

  function script(name: string, env: Readonly<Record<string, string>>): Promise<number | null> {
    const child = spawn('bash', [join(root, 'test', 'tools', 'package', name), out], {
      env: { PATH: `${work}${delimiter}/usr/bin${delimiter}/bin`, ...env },
      stdio: 'ignore',
    });
    return new Promise((resolve) => child.once('close', resolve));
  }

  it('take files that are those of the list, however its lines end', async () => {
    for (const digests of [list(files), list(files).replaceAll('\n', '\r\n'), `\n${list(files)}\n\n`])
      expect(await script('verify-digests.sh', { SEALANE_DIGESTS: digests })).toBe(0);
  });

  it.each([
    ['one has another content', async () => writeFile(join(out, 'sealane-1.deb'), 'One')],
    ['one is missing', async () => rm(join(out, 'sealane-1.deb'))],
    ['there is one more', async () => writeFile(join(out, 'sealane-2.deb'), 'more')],
    ['there is a hidden one', async () => writeFile(join(out, '.more'), 'more')],
    ['there is a folder', async () => mkdir(join(out, 'more'))],
    ['there is a link', async () => symlink('/etc/passwd', join(out, 'more'))],
  ])('refuse files when %s', async (_what, act) => {
    await act();
    expect(await script('verify-digests.sh', { SEALANE_DIGESTS: list(files) })).toBe(1);
  });

  it.each([
    ['empty', ''],
    ['of another file as well', list({ ...files, 'sealane-2.deb': 'x' })],
    ['of a file elsewhere', list({ ...files, '../out/sealane-1.deb': 'one' })],
    ['of one file twice', list(files) + list({ 'sealane-1.deb': 'one' })],
    ['no list', `${list(files)}sealane-1.deb: OK\n`],
  ])('refuse a list that is %s', async (_what, digests) => {
    expect(await script('verify-digests.sh', { SEALANE_DIGESTS: digests })).toBe(1);
  });

  it('ask for an attestation of this workflow, tag and commit for every file, and stop at the first without', async () => {
    // GitHub's program is a stand-in: it takes the network.
    const log = join(work, 'asked');
    const answer = join(work, 'refuse');
    await writeFile(
      join(work, 'gh'),
      `#!/bin/sh\necho "$*" >>'${log}'\n! grep -qF "$(basename "$3")" '${answer}'\n`,
    );
    await chmod(join(work, 'gh'), 0o755);
    await writeFile(answer, 'none\n');
    const env = { GITHUB_REPOSITORY: 'o/r', GITHUB_REF: 'refs/tags/v1.0.0', GITHUB_SHA: sha };
    expect(await script('verify-attestations.sh', env)).toBe(0);
    const asked = (await readFile(log, 'utf8')).trim().split('\n');
    expect(asked).toEqual(
      Object.keys(files).map(
        (name) =>
          `attestation verify ${join(out, name)} --repo o/r --signer-workflow o/r/.github/workflows/release.yml ` +
          `--source-ref refs/tags/v1.0.0 --source-digest ${sha} --deny-self-hosted-runners`,
      ),
    );
    for (const name of Object.keys(files)) {
      await writeFile(answer, `${name}\n`);
      expect(await script('verify-attestations.sh', env)).not.toBe(0);
    }
    for (const name of Object.keys(files)) await rm(join(out, name));
    await writeFile(answer, 'none\n');
    expect(await script('verify-attestations.sh', env)).not.toBe(0);
  });
});
