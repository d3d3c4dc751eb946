// Strangers who knock to pair, in a process of their own, from 127.0.0.2, 127.0.0.3 and so on; none of them ever closes a connection,
// and each goes on saying something once a second, so that it learns when the other side has let go.
// Arguments: port, number of addresses, requests of each in a second, the token that they show.
// Says `here` once each has been answered; on every line of standard input says how many have knocked, and are still connected.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { ALPN_PAIR } from '../../shared/messages.ts';
import { RawPeer } from './raw-peer.ts';

const [port = '', addresses = '', perSecond = '', token = ''] = process.argv.slice(2);
const counts = { knocked: 0, open: 0 };
let silent = Number(addresses);

async function knock(localAddress: string, isFirst: boolean): Promise<void> {
  const peer = await RawPeer.dial(Number(port), ALPN_PAIR, await generateIdentity(), { localAddress });
  counts.knocked += 1;
  counts.open += 1;
  peer.stays();
  const talk = setInterval(() => {
    peer.message('ping', {});
  }, 1000);
  peer.socket.on('close', () => {
    counts.open -= 1;
    clearInterval(talk);
  });
  peer.message('request', { token, proof: randomBytes(32), name: 'stranger', hosts: [], port: 0 });
  await peer.next();
  if (!isFirst) return;
  silent -= 1;
  if (silent === 0) process.stdout.write('here\n');
}

async function flood(localAddress: string): Promise<void> {
  for (let count = 0; ; count += 1) {
    void knock(localAddress, count === 0).catch(() => undefined);
    await sleep(1000 / Number(perSecond));
  }
}

process.stdin.on('data', () => process.stdout.write(`${JSON.stringify(counts)}\n`));
for (let index = 0; index < Number(addresses); index += 1) void flood(`127.0.0.${String(2 + index)}`);
