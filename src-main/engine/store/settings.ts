import { z } from 'zod';
import { DEFAULT_EXPIRE_DAYS } from './contract.ts';
import type { Settings, SettingsStore } from './contract.ts';
import type { Document } from './document.ts';

export const settingsSchema: z.ZodType<Settings> = z.object({
  name: z.string(),
  port: z.number(),
  downloads: z.string().nullable(),
  expireAfterDays: z.number().nullable().default(DEFAULT_EXPIRE_DAYS),
});

/** This device's settings, over their document. */
export function settingsStore(document: Document<Settings>): SettingsStore {
  return {
    get: () => document.read(),
    change: (change) =>
      document.change((settings) => {
        const next = { ...settings, ...change };
        return [next, next];
      }),
    onChange: (listener) => document.onChange(listener),
  };
}
