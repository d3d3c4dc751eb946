/** The engine's front door: nothing else of it may be imported from outside. */
export { createEngine } from './engine.ts';
export type { DeviceChange, Engine, EngineOptions, KeyProtector, SendRequest, Snapshot } from './api.ts';
