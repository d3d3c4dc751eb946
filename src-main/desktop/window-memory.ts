import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** What the shell remembers between runs, beside the engine's profile. Losing it costs nothing but a window of another size. */

export const MIN_WIDTH = 560;
export const MIN_HEIGHT = 480;
const MAX_SIDE = 10_000;

const memorySchema = z.object({
  width: z.number().int().min(MIN_WIDTH).max(MAX_SIDE).default(960),
  height: z.number().int().min(MIN_HEIGHT).max(MAX_SIDE).default(720),
  /** Where its top left corner was, in the system's own pixels; null before it was closed for the first time. */
  x: z.number().int().nullable().default(null),
  y: z.number().int().nullable().default(null),
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

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** So much of the upper edge must be on a screen for the window to be taken by it and moved. In the system's own pixels. */
const GRIP_WIDTH = 120;
const GRIP_HEIGHT = 32;

/**
 * Where to open a window of this size: where it was, if one of the screens (their work areas) still shows enough of its upper edge;
 * undefined otherwise, and the system chooses.
 */
export function placeOn(
  { x, y }: WindowMemory,
  { width }: { readonly width: number },
  screens: readonly Rectangle[],
): { x: number; y: number } | undefined {
  if (x === null || y === null) return undefined;
  const isShown = screens.some((screen) => {
    const shown = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x);
    return shown >= GRIP_WIDTH && y >= screen.y && y + GRIP_HEIGHT <= screen.y + screen.height;
  });
  return isShown ? { x, y } : undefined;
}
