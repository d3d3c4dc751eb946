import { describe, expect, it } from 'vitest';
import { Admission } from '../../../../src-main/engine/net/admission.ts';
import { MAX_UNPROVEN_CONNECTIONS, MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS } from '../../../../shared/limits.ts';

describe('slots for strangers', () => {
  it('CVE-2022-21689: one address cannot take them all', () => {
    const admission = new Admission();
    for (let i = 0; i < MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS; i += 1)
      expect(admission.admit('10.0.0.1')).toBeDefined();
    expect(admission.admit('10.0.0.1')).toBeUndefined();
    expect(admission.admit('10.0.0.2')).toBeDefined();
  });

  it('are bounded over all addresses', () => {
    const admission = new Admission();
    for (let i = 0; i < MAX_UNPROVEN_CONNECTIONS; i += 1)
      expect(admission.admit(`10.0.1.${String(i)}`)).toBeDefined();
    expect(admission.admit('10.0.2.1')).toBeUndefined();
  });

  it('come back once, however often they are given back', () => {
    const admission = new Admission();
    const slots = Array.from({ length: MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS }, () =>
      admission.admit('10.0.0.1'),
    );
    slots[0]?.();
    slots[0]?.();
    expect(admission.admit('10.0.0.1')).toBeDefined();
    expect(admission.admit('10.0.0.1')).toBeUndefined();
  });
});
