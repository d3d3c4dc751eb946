import { parse } from 'yaml';
import { z } from 'zod';

/** GitHub's workflows as data, and the rules that keep secrets away from the code of others. */

const texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const Step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: texts.optional(),
  env: texts.optional(),
});
const Job = z.object({
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  environment: z.string().optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  env: texts.optional(),
  outputs: z.record(z.string(), z.string()).optional(),
  container: z.unknown().optional(),
  services: z.unknown().optional(),
  steps: z.array(Step),
});
const Workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  env: texts.optional(),
  jobs: z.record(z.string(), Job),
});
export type WorkflowStep = z.infer<typeof Step>;
export type WorkflowJob = z.infer<typeof Job>;
export type Workflow = z.infer<typeof Workflow>;

/** @throws an error when the text is no workflow of the shape that the rules know */
export const parseWorkflow = (text: string): Workflow => Workflow.parse(parse(text));

/** GitHub's own actions; a job that holds a secret runs no other. */
const OWN_ACTIONS = [
  'actions/checkout',
  'actions/setup-node',
  'actions/download-artifact',
  'actions/upload-artifact',
  'actions/attest-build-provenance',
];
/** What brings packages of others onto the machine, or runs them. */
const FOREIGN =
  /\b(npm|npx|pnpm|yarn|bun|corepack|node_modules|electron-builder|pip3?|cargo|gem|brew|apt(-get)?|choco|curl|wget|docker)\b/;
/** What runs code of this repository with Node in such a job. */
const OWN_NODE = /^ *node test\/tools\/package\/sign-release\.ts( |$)/;

/** Whether a job can use something that nobody else should have. */
export function isTrusted(workflow: Workflow, job: WorkflowJob): boolean {
  const permissions = Object.entries(job.permissions ?? workflow.permissions);
  const text = JSON.stringify([job.env, job.steps, workflow.env]);
  return (
    permissions.some(([, level]) => level === 'write') ||
    job.environment !== undefined ||
    /\bsecrets\b/.test(text) ||
    /\bgithub\.token\b/.test(text)
  );
}

const names = (step: WorkflowStep, action: string): boolean => step.uses?.startsWith(`${action}@`) === true;

function* breachesOfStep(step: WorkflowStep, pinned: string, trusted: boolean): Generator<string> {
  const { uses, run = '' } = step;
  const options = step.with ?? {};
  if (uses !== undefined && !/@[0-9a-f]{40}$/.test(uses)) yield `${uses} is not pinned by its commit`;
  if (names(step, 'actions/checkout') && options['persist-credentials'] !== false)
    yield 'checkout leaves its token behind';
  if (names(step, 'actions/setup-node') && String(options['node-version']) !== pinned)
    yield `Node is not ${pinned}`;
  if (/\$\{\{/.test(run)) yield 'an expression is pasted into a script';
  if (!trusted) return;
  if (uses !== undefined && !OWN_ACTIONS.includes(uses.replace(/@.*/, ''))) yield `${uses} sees a secret`;
  if (names(step, 'actions/checkout') && ('repository' in options || 'submodules' in options))
    yield 'code of others is checked out beside a secret';
  if (names(step, 'actions/setup-node') && 'cache' in options) yield 'a cache is used beside a secret';
  if (FOREIGN.test(run)) yield `code of others runs beside a secret: ${run.trim()}`;
  for (const line of run.split('\n')) {
    if (/\bnode\b/.test(line) && !OWN_NODE.test(line) && !line.includes('verify-node.sh'))
      yield `Node runs something else beside a secret: ${line.trim()}`;
  }
}

function* breachesOfJob(workflow: Workflow, job: WorkflowJob, pinned: string): Generator<string> {
  const trusted = isTrusted(workflow, job);
  let nodeIsVerified = false;
  let isVerified = true;
  for (const step of job.steps) {
    yield* breachesOfStep(step, pinned, trusted);
    const { run = '' } = step;
    if (names(step, 'actions/setup-node')) nodeIsVerified = false;
    if (/verify-node\.sh/.test(run)) nodeIsVerified = true;
    else if (/\b(node|npm)\b/.test(run) && !nodeIsVerified)
      yield `Node runs before it is verified: ${run.trim()}`;
    if (names(step, 'actions/download-artifact')) isVerified = false;
    else if (
      /verify-digests\.sh out/.test(run) &&
      /needs\.[\w-]+\.outputs\./.test(String(step.env?.['SEALANE_DIGESTS']))
    )
      isVerified = true;
    else if (!isVerified)
      yield `files of another job are used before they are verified: ${step.uses ?? run.trim()}`;
  }
  if (!isVerified) yield 'files of another job are not verified';
  if (trusted && (job.container !== undefined || job.services !== undefined))
    yield 'an image of others runs beside a secret';
  // The one job that shows files to the world shows only those with an attestation.
  const draft = job.steps.findIndex(({ run = '' }) => /\bgh release (create|upload)\b/.test(run));
  const attested = job.steps.findIndex(({ run = '' }) => /verify-attestations\.sh out/.test(run));
  if (draft >= 0 && (attested < 0 || attested > draft))
    yield 'a release is drafted before its attestations are verified';
  // A manifest that was signed once is made valid for longer only for the release that it is of.
  const renew = job.steps.findIndex(({ run = '' }) => run.includes('--renew'));
  const renews = job.steps[renew];
  if (renews !== undefined) {
    if (attested < 0 || attested > renew)
      yield 'a manifest is renewed before the attestations of its release are verified';
    if (!/--renew out "\$TAG"$/m.test(renews.run ?? '') || renews.env?.['TAG'] !== '${{ inputs.tag }}')
      yield 'a manifest is renewed without the tag that it has to be of';
    const verifies = job.steps[attested];
    if (
      !/^ *GITHUB_REF="refs\/tags\/\$TAG"$/m.test(verifies?.run ?? '') ||
      verifies?.env?.['TAG'] !== renews.env?.['TAG']
    )
      yield 'a manifest is renewed with attestations of another tag';
  }
  // Who can be told apart from the makers may read; whoever runs the code of others can do nothing else.
  const levels = Object.values(job.permissions ?? workflow.permissions);
  if (!trusted && levels.some((level) => level !== 'read'))
    yield 'a job without a secret can do more than read';
}

/** The rules that a workflow breaks, each with its job. `pinned` is the version of Node that everything has to run on. */
export function workflowBreaches(workflow: Workflow, pinned: string): readonly string[] {
  const found: string[] = [];
  if (Object.values(workflow.permissions).some((level) => level !== 'read'))
    found.push('every job can do more than read');
  if (workflow.env !== undefined && /\bsecrets\b/.test(JSON.stringify(workflow.env)))
    found.push('every job sees a secret');
  for (const [name, job] of Object.entries(workflow.jobs)) {
    for (const breach of breachesOfJob(workflow, job, pinned)) found.push(`${name}: ${breach}`);
  }
  return found;
}
