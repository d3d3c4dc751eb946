// One more process on a profile. Arguments: the profile, the folder for what is received. Says `open` once it listens; for each line
// of standard input, which is the id of a transfer, it says whether it is the one that goes on with that: `yes` or `no`.
import { createInterface } from 'node:readline';
import { createEngine } from '../../../src-main/engine/index.ts';
import { transferIdSchema } from '../../../shared/views.ts';

const [profile = '', downloads = ''] = process.argv.slice(2);
const say = (word: string): void => {
  process.stdout.write(`${word}\n`);
};
const engine = await createEngine({ profile, downloads, listen: { host: '127.0.0.1', port: 0 } });
await engine.listen();
say('open');
for await (const line of createInterface({ input: process.stdin })) {
  await engine.resumeTransfer(transferIdSchema.parse(line)).then(
    () => {
      say('yes');
    },
    () => {
      say('no');
    },
  );
}
await engine.close();
