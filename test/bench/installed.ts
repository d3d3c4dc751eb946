import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from '../tools/process.mjs';

/** The path of a program, if it is installed. Servers lie in folders that are not searched for ordinary users. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The first line of what a program says of its version that has a number in it. */
export async function versionOf(...[program, ...args]: readonly [string, ...string[]]): Promise<string> {
  const { output } = await run(program, args, { quiet: true });
  const line = output.split('\n').find((each) => /\d/.test(each)) ?? '';
  return line.trim();
}
