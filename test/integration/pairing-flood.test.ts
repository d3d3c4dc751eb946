import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../../src-main/engine/index.ts';
import { MAX_UNPROVEN_CONNECTIONS } from '../../shared/limits.ts';
import { Bench, pairingIn } from '../support/engines.ts';
import { foreignToken } from '../support/foreign-token.ts';

/** Strangers at fifteen addresses who knock to pair, three times a second each, and hold on to every connection. */

const ADDRESSES = 15;
const PER_SECOND = 3;
/** How long honest devices try, in ms, and the pause between two tries. */
const TRYING_MS = 15_000;
const BETWEEN_MS = 100;
/** The share of honest tries that must succeed. */
const WANTED = 0.95;

type Flood = ChildProcessByStdio<Writable, Readable, null>;
const floods: Flood[] = [];
const bench = new Bench();
afterEach(async () => {
  for (const flood of floods.splice(0)) flood.kill('SIGKILL');
  await bench.dispose();
});

/** Begins to knock; resolves once every address has been answered. */
async function floodOf(engine: Engine, token: string): Promise<Flood> {
  const script = fileURLToPath(new URL('../support/flood-process.ts', import.meta.url));
  const args = [engine.snapshot().port ?? 0, ADDRESSES, PER_SECOND, token].map(String);
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  floods.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function countsOf(flood: Flood): Promise<{ readonly knocked: number; readonly open: number }> {
  flood.stdin.write('\n');
  const line = await new Promise((resolve) => flood.stdout.once('data', resolve));
  return z.object({ knocked: z.number(), open: z.number() }).parse(JSON.parse(String(line)));
}

/** Says yes to every code that this engine shows. */
function saysYes(engine: Engine): void {
  engine.subscribe((event) => {
    if (event.type === 'pairing' && event.pairing.state.kind === 'comparing')
      engine.answerPairing(event.pairing.id, true);
  });
}

/** One honest try to pair, from the invite to the trust: `paired`, or what it failed with for the invitee. */
async function tryToPair(inviter: Engine, invitee: Engine): Promise<string> {
  const end = pairingIn(invitee, ['paired', 'failed']);
  await invitee.pair((await inviter.createInvite()).link);
  const { state } = await end;
  return state.kind === 'failed' ? state.error.code : state.kind;
}

describe('strangers at fifteen addresses who knock three times a second each, and let go of nothing', () => {
  it.each([
    ['with requests that mean nothing', () => Promise.resolve('a.b.c')],
    ['with real invites of somebody else', foreignToken],
  ] as const)('%s: honest devices pair all the same', { timeout: 90_000 }, async (what, tokenOf) => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    for (const engine of [inviter, invitee]) saysYes(engine);
    const flood = await floodOf(inviter, await tokenOf());
    const outcomes: string[] = [];
    const end = performance.now() + TRYING_MS;
    while (performance.now() < end || outcomes.length < 20) {
      outcomes.push(await tryToPair(inviter, invitee));
      await pause(BETWEEN_MS);
    }
    const { knocked, open } = await countsOf(flood);
    const paired = outcomes.filter((outcome) => outcome === 'paired').length;
    const others = [...new Set(outcomes)].filter((outcome) => outcome !== 'paired').join(' ');
    process.stdout.write(
      `${what}: ${String(paired)} of ${String(outcomes.length)} honest tries paired, ${others || 'none failed'}; ` +
        `${String(knocked)} knocks, ${String(open)} connections still held\n`,
    );
    expect(paired / outcomes.length).toBeGreaterThanOrEqual(WANTED);
    expect(knocked).toBeGreaterThan(100);
    expect(open).toBeLessThan(MAX_UNPROVEN_CONNECTIONS / 2);
  });
});
