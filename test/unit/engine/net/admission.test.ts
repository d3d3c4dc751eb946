import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Admission } from '../../../../src-main/engine/net/admission.ts';
import { MAX_UNPROVEN_CONNECTIONS, MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS } from '../../../../shared/limits.ts';

/** Strangers and their slots, by the order in which they came. */
class World {
  now = 0;
  readonly #admission = new Admission(() => this.now);
  readonly evicted: number[] = [];
  readonly #open = new Map<number, { readonly address: string; readonly giveBack: () => void }>();
  #count = 0;

  admit(address: string, bytes = 0): number {
    const number = this.#count++;
    const evict = () => {
      this.evicted.push(number);
      this.#open.delete(number);
    };
    const giveBack = this.#admission.admit({ address, bytesReceived: () => bytes, evict });
    this.#open.set(number, { address, giveBack });
    return number;
  }

  admitMany(count: number, address: (index: number) => string, bytes = 0): void {
    for (let index = 0; index < count; index += 1) this.admit(address(index), bytes);
  }

  giveBack(number: number): void {
    this.#open.get(number)?.giveBack();
    this.#open.delete(number);
  }

  open(address?: string): number {
    return [...this.#open.values()].filter((each) => address === undefined || each.address === address)
      .length;
  }
}

const GREETED = 300;

describe('slots for strangers', () => {
  it('CVE-2022-21689: one address cannot take them all', () => {
    const world = new World();
    world.admitMany(10 * MAX_UNPROVEN_CONNECTIONS, () => '10.0.0.1');
    expect(world.open()).toBe(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS);
    world.admitMany(20, (index) => `10.0.1.${String(index)}`);
    expect(world.open()).toBe(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS + 20);
  });

  it('are bounded over all addresses, and whoever comes alone outlasts whoever comes often', () => {
    const world = new World();
    const alone = world.admit('10.0.9.9');
    world.admitMany(5000, (index) => `10.0.0.${String(index % 50)}`);
    expect(world.open()).toBe(MAX_UNPROVEN_CONNECTIONS);
    expect(world.evicted).not.toContain(alone);
  });

  it('are lost by the oldest that should have said something, and not by who is in the middle of a handshake', () => {
    const world = new World();
    const greeted = world.admit('10.0.0.1', GREETED);
    const silent = world.admit('10.0.0.1');
    world.admitMany(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS - 2, () => '10.0.0.1', 1);
    world.now += 2000;
    world.admit('10.0.0.1');
    expect(world.evicted).toEqual([silent]);
    world.admitMany(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS - 2, () => '10.0.0.1', 1);
    expect(world.evicted).not.toContain(greeted);
  });

  it('are lost by the oldest where all have greeted, so that the newest, who could not yet, has its time', () => {
    const world = new World();
    world.admitMany(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS, () => '10.0.0.1', GREETED);
    world.now += 60_000;
    const latest = world.admit('10.0.0.1', 0);
    world.admitMany(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS - 1, () => '10.0.0.1', GREETED);
    expect(world.evicted).not.toContain(latest);
    world.admit('10.0.0.1', GREETED);
    expect(world.evicted).toContain(latest);
  });

  it('count the addresses of one IPv6 network as one', () => {
    const world = new World();
    world.admitMany(1000, (index) => `2001:db8:1:2:${index.toString(16)}::1`);
    expect(world.open()).toBe(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS);
  });

  it('come back once, however often they are given back', () => {
    const admission = new Admission();
    const evicted: number[] = [];
    const admit = (number: number) =>
      admission.admit({ address: '10.0.0.1', bytesReceived: () => 0, evict: () => evicted.push(number) });
    const slots = Array.from({ length: MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS }, (_, number) => admit(number));
    slots[0]?.();
    slots[0]?.();
    admit(1000);
    expect(evicted).toEqual([]);
    admit(1001);
    expect(evicted).toEqual([1]);
    slots[1]?.();
    admit(1002);
    expect(evicted).toEqual([1, 2]);
  });

  it('never go beyond either bound, whatever order people come and go in', () => {
    const step = fc.record({
      address: fc.nat({ max: 9 }),
      bytes: fc.nat({ max: 400 }),
      leaves: fc.nat({ max: 3000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1200, size: 'max' }), (steps) => {
        const world = new World();
        for (const { address, bytes, leaves } of steps) {
          const host = `10.0.0.${String(address)}`;
          world.admit(host, bytes);
          world.giveBack(leaves);
          expect(world.open(host)).toBeLessThanOrEqual(MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS);
          expect(world.open()).toBeLessThanOrEqual(MAX_UNPROVEN_CONNECTIONS);
        }
        expect(new Set(world.evicted).size).toBe(world.evicted.length);
      }),
      { numRuns: 20 },
    );
  });
});
