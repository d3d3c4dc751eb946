import type { Engine } from '../../engine/index.ts';
import type { Session } from '../session.ts';

/** Opens the port and says so. */
export async function startListening(session: Session, engine: Engine): Promise<void> {
  const port = await engine.listen();
  const { self } = engine.snapshot();
  session.output.report({ event: 'ready', id: self.id, name: self.name, port });
}
