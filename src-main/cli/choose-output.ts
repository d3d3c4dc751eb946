import type { Host } from './host.ts';
import { HumanOutput } from './output-human.ts';
import { JsonOutput } from './output-json.ts';
import type { Output } from './output.ts';

/** The renderer that was asked for: lines of JSON for scripts, sentences for people. */
export function chooseOutput(host: Host, json: boolean): Output {
  return json ? new JsonOutput(host) : new HumanOutput(host);
}
