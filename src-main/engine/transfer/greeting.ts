import { SealaneError } from '../../../shared/errors.ts';
import { PROTOCOL_VERSION } from '../../../shared/messages.ts';
import type { MessageBody, TRANSFER_PROTOCOL } from '../../../shared/messages.ts';
import type { Channel } from '../net/channel.ts';

export type TransferChannel = Channel<typeof TRANSFER_PROTOCOL.messages>;
export type Hello = MessageBody<typeof TRANSFER_PROTOCOL.messages, 'hello'>;
export type Offer = MessageBody<typeof TRANSFER_PROTOCOL.messages, 'offer'>;

/** What this device says of itself: its name, and where it can be reached; a port is 0 where it cannot. */
export interface Greeting {
  readonly name: string;
  /** Its IP addresses. */
  readonly hosts: readonly string[];
  /** The port it is usually reached on. */
  readonly port: number;
  /** The port on which this process can be told that a peer is back. */
  readonly wakePort: number;
}

/** The dialling side's greeting. Resolves with the other's. */
export async function greet(channel: TransferChannel, own: Greeting): Promise<Hello> {
  await channel.send('hello', helloOf(own));
  return await expectHello(channel);
}

/** The listening side's greeting. Resolves with the other's. */
export async function answerGreeting(channel: TransferChannel, own: Greeting): Promise<Hello> {
  const hello = await expectHello(channel);
  await channel.send('hello', helloOf(own));
  return hello;
}

function helloOf({ name, hosts, port, wakePort }: Greeting): Hello {
  return { version: PROTOCOL_VERSION, name, hosts: [...hosts], port, wakePort };
}

async function expectHello(channel: TransferChannel): Promise<Hello> {
  const { body } = await channel.expect('hello');
  if (body.version === PROTOCOL_VERSION) return body;
  const error = new SealaneError('protocol-version');
  await channel.refuse(error);
  throw error;
}
