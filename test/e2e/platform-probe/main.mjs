// Prints the table, as the main module of Electron (`electron test/e2e/platform-probe/main.mjs`) and on plain Node.
// With --json, one line for a program. Exits with 1 where something needed does not hold.
import { probeAll } from './facts.mjs';

const { node, openssl } = process.versions;
/** The types take Electron for granted; on plain Node it is absent. */
const electron = 'electron' in process.versions ? process.versions.electron : undefined;
const findings = await probeAll();
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ node, electron, findings })}\n`);
} else {
  process.stdout.write(
    `Node ${node}, ${electron === undefined ? 'no Electron' : `Electron ${electron}`}, ${openssl}\n`,
  );
  for (const { name, needed, holds, detail } of findings) {
    const verdict = holds ? 'yes' : needed ? 'NO, and it is needed' : 'no';
    process.stdout.write(`${name}: ${verdict}${detail === '' ? '' : ` (${detail})`}\n`);
  }
}
process.exit(findings.every(({ needed, holds }) => holds || !needed) ? 0 : 1);
