import { truncate, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import type { DeviceView } from '../../shared/views.ts';
import { Bench, endOf, eventOf, offerTo, pairEngines } from '../support/engines.ts';

/** What this device says of another one: whether it is there, when it was, and whether it still trusts this one. */

const bench = new Bench();
afterEach(() => bench.dispose());

const HOUR_MS = 3_600_000;

async function file(bytes: number): Promise<string> {
  const path = await bench.folder('film.bin');
  await writeFile(path, '');
  await truncate(path, bytes);
  return path;
}

function only(engine: Engine): DeviceView {
  const [device] = engine.snapshot().devices;
  if (device === undefined) throw new Error('no device');
  return device;
}

function when(engine: Engine, is: (device: DeviceView) => boolean): Promise<DeviceView> {
  return eventOf(engine, (event) =>
    event.type === 'devices' && event.devices[0] !== undefined && is(event.devices[0])
      ? event.devices[0]
      : undefined,
  );
}

describe('a device', { timeout: 60_000 }, () => {
  it('is connected while a connection lasts, and was seen when that ended', async () => {
    let ahead = 0;
    const now = () => Date.now() + ahead;
    const [first, second] = await bench.pair({ first: { now } });
    expect(only(first).isConnected).toBe(false);
    const connected = when(first, ({ isConnected }) => isConnected);
    const id = await first.send({ device: second.snapshot().self.id, paths: [await file(10)] });
    // An offer that nobody answers keeps its connection.
    await offerTo(second, id);
    await connected;
    ahead = HOUR_MS;
    const left = when(first, ({ isConnected, lastSeen }) => !isConnected && (lastSeen ?? 0) > Date.now());
    await second.close();
    await left;
    ahead += HOUR_MS;
    expect(now() - (only(first).lastSeen ?? 0)).toBeGreaterThanOrEqual(HOUR_MS);
  });

  it('that has forgotten this one is known as such from the first refusal until it is paired again', async () => {
    const [first, second] = await bench.pair();
    await second.forgetDevice(first.snapshot().self.id);
    const known = when(first, ({ hasForgotten }) => hasForgotten);
    const id = await first.send({ device: second.snapshot().self.id, paths: [await file(10)] });
    const end = await endOf(first, id);
    expect(end.state).toMatchObject({ kind: 'failed', error: { code: 'not-trusted' } });
    await known;
    await pairEngines(first, second);
    expect(only(first).hasForgotten).toBe(false);
  });

  it('that forgets this one while they are connected is known as such at once', async () => {
    const [first, second] = await bench.pair();
    const id = await second.send({ device: first.snapshot().self.id, paths: [await file(10)] });
    await offerTo(first, id);
    const known = when(first, ({ hasForgotten }) => hasForgotten);
    await second.forgetDevice(first.snapshot().self.id);
    expect((await known).hasForgotten).toBe(true);
  });
});
