import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** What the shell remembers between runs, beside the engine's profile. Losing it costs nothing but a window of another size. */

export const MIN_WIDTH = 560;
export const MIN_HEIGHT = 480;
const MAX_SIDE = 10_000;

const memorySchema = z.object({
  width: z.number().int().min(MIN_WIDTH).max(MAX_SIDE).default(960),
  height: z.number().int().min(MIN_HEIGHT).max(MAX_SIDE).default(720),
  maximized: z.boolean().default(false),
  /** Whether the user was told that closing the window leaves the app running. */
  toldAboutTray: z.boolean().default(false),
});
export type WindowMemory = z.infer<typeof memorySchema>;

/** Reads the memory at `path`; what is missing or makes no sense is replaced by its default. */
export function readMemory(path: string): WindowMemory {
  try {
    return memorySchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return memorySchema.parse({});
  }
}

/** Writes it back. A folder that cannot be written is no reason to trouble the user. */
export function writeMemory(path: string, memory: WindowMemory): void {
  try {
    writeFileSync(path, JSON.stringify(memory), { mode: 0o600 });
  } catch {
    // The next window opens at its usual size.
  }
}

/** The size to open at: the remembered one, as far as the screen has room for it. Sizes are in the system's own pixels. */
export function fitSize(
  memory: WindowMemory,
  screen: { readonly width: number; readonly height: number },
): { width: number; height: number } {
  return {
    width: Math.max(MIN_WIDTH, Math.min(memory.width, screen.width)),
    height: Math.max(MIN_HEIGHT, Math.min(memory.height, screen.height)),
  };
}
