import { describe, expect, it } from 'vitest';
import { Meter } from '../../../../src-main/engine/transfer/meter.ts';

describe('a meter', () => {
  it('knows neither speed nor time left before anything moved', () => {
    expect(new Meter(1000, 0).progress(0, 0, 0)).toEqual({
      bytes: 0,
      files: 0,
      bytesPerSecond: 0,
      secondsLeft: null,
    });
  });

  it('gives the speed and the time left at a steady pace', () => {
    const meter = new Meter(10_000, 0);
    for (let ms = 200; ms < 5000; ms += 200) meter.progress(ms, 1, ms);
    expect(meter.progress(5000, 2, 5000)).toEqual({
      bytes: 5000,
      files: 2,
      bytesPerSecond: 1000,
      secondsLeft: 5,
    });
  });

  it('forgets what was long ago', () => {
    const meter = new Meter(1_000_000, 0);
    for (let ms = 200; ms <= 2000; ms += 200) meter.progress(ms * 100, 0, ms);
    for (let ms = 2200; ms <= 12_000; ms += 200) meter.progress(200_000 + (ms - 2000), 0, ms);
    expect(meter.progress(210_000, 0, 12_000).bytesPerSecond).toBeCloseTo(1000, -1);
  });

  it('says that nothing moves when nothing moves', () => {
    const meter = new Meter(1000, 0);
    for (let ms = 100; ms < 9000; ms += 100) meter.progress(500, 0, ms);
    expect(meter.progress(500, 0, 9000)).toMatchObject({ bytesPerSecond: 0, secondsLeft: null });
  });

  it('counts from where a resumed transfer begins', () => {
    const meter = new Meter(2000, 0, 1000);
    expect(meter.progress(1500, 0, 1000).bytesPerSecond).toBe(500);
  });
});
