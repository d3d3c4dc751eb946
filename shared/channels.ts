/**
 * Electron channel names, apart from the schemas so that the preload carries no more than these. `register-drop` is used by
 * the preload alone.
 */
export const CALL_CHANNEL = 'sealane:call';
export const PUSH_CHANNEL = 'sealane:push';
export const DROP_CHANNEL = 'sealane:register-drop';
