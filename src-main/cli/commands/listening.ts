import type { Engine } from '../../engine/index.ts';
import type { Session } from '../session.ts';

/** Opens the port and says so. */
export async function startListening(session: Session, engine: Engine): Promise<void> {
  const port = await engine.listen();
  const { self } = engine.snapshot();
  session.output.report({ event: 'ready', id: self.id, name: self.name, port });
}

/**
 * For a command that listens only to pair: what is offered meanwhile is declined, also from devices that are always accepted,
 * because it would be cut off when the command ends.
 */
export function declineOffers(engine: Engine): void {
  engine.subscribe((event) => {
    if (event.type !== 'transfer') return;
    const { id, direction, state } = event.transfer;
    if (direction !== 'receive' || state.kind !== 'offered') return;
    // That the sender gave up just now is no concern of this command.
    void engine.declineTransfer(id, state.offer).catch(() => undefined);
  });
}
