/** The engine's front door: nothing else of it may be imported from outside. */
export { createEngine } from './engine.ts';
export { MAX_PASTED_CHARACTERS, holdsWholeInvite } from './pairing/find-token.ts';
export type {
  AcceptOptions,
  DeviceChange,
  EndedUnfinished,
  Engine,
  EngineOptions,
  KeyProtector,
  SendRequest,
  Snapshot,
} from './api.ts';
