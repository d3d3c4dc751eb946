import { Option } from 'commander';
import type { Command } from 'commander';
import { displayText } from '../../../shared/display.ts';
import type { ExitClass } from '../../../shared/errors.ts';
import { ACCEPT_POLICIES } from '../../../shared/views.ts';
import type { AcceptPolicy } from '../../../shared/views.ts';
import type { DeviceChange } from '../../engine/index.ts';
import { Failure } from '../failure.ts';
import { absolutePath } from '../places.ts';
import { deviceReport } from '../report.ts';
import type { Session } from '../session.ts';
import { folderArgument, nameArgument } from './arguments.ts';
import { addExample } from './example.ts';
import type { Perform } from './perform.ts';

interface SetOptions {
  readonly accept?: AcceptPolicy;
  /** False for `--no-into`. */
  readonly into?: string | false;
  readonly name?: string;
}

const WHICH = 'its name, its id or the start of its id';

export function addDevices(program: Command, perform: Perform): void {
  const devices = program
    .command('devices')
    .summary('list the paired devices, or set or forget one')
    .description('list the devices this one is paired with');
  addExample(devices, 'devices').action(() => perform(listDevices));
  addExample(
    devices.command('forget').description('end the pairing with a device').argument('<ID>', WHICH),
    'devices forget laptop',
  ).action((text: string) => perform((session) => forgetDevice(session, text)));
  addExample(
    devices
      .command('set')
      .description('change what a device may do here, or what it is called here')
      .argument('<ID>', WHICH)
      .addOption(
        new Option('--accept <POLICY>', 'whether its offers are asked about').choices(ACCEPT_POLICIES),
      )
      .option('--into <DIR>', 'where its files go', folderArgument)
      .option('--no-into', 'its files go into the usual folder again')
      .option('--name <NAME>', 'what it is called here', nameArgument),
    'devices set laptop --accept always --into ~/from-laptop',
  ).action((text: string, options: SetOptions) => perform((session) => setDevice(session, text, options)));
}

async function listDevices({ output, open }: Session): Promise<ExitClass> {
  const { devices } = (await open()).snapshot();
  for (const device of devices) output.report(deviceReport(device));
  if (devices.length === 0) output.remark('No device is paired yet. Begin with: sealane invite');
  return 'done';
}

async function forgetDevice({ output, open }: Session, text: string): Promise<ExitClass> {
  const engine = await open();
  const device = engine.findDevice(text);
  await engine.forgetDevice(device.id);
  output.remark(`${displayText(device.label)} is no longer paired with this device.`);
  return 'done';
}

async function setDevice(
  { host, output, open }: Session,
  text: string,
  options: SetOptions,
): Promise<ExitClass> {
  const { accept, into, name } = options;
  if (accept === undefined && into === undefined && name === undefined) {
    throw new Failure('usage', 'Say what to change: --accept, --into, --no-into or --name.');
  }
  const change: DeviceChange = {
    ...(accept === undefined ? {} : { accept }),
    ...(into === undefined ? {} : { into: into === false ? null : absolutePath(host, into) }),
    ...(name === undefined ? {} : { name }),
  };
  const engine = await open();
  const changed = await engine.changeDevice(engine.findDevice(text).id, change);
  output.report(deviceReport(changed));
  return 'done';
}
