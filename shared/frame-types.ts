/** Frame types. Each number is used once over both protocols, so that a frame sent on the wrong one is never mistaken. */
export const FRAME_TYPES = {
  refuse: 0x01,
  ping: 0x02,
  request: 0x10,
  challenge: 0x11,
  nonce: 0x12,
  reveal: 0x13,
  verdict: 0x14,
  stored: 0x15,
  hello: 0x20,
  offer: 0x21,
  accept: 0x22,
  start: 0x23,
  progress: 0x24,
  complete: 0x25,
  wake: 0x26,
  chunk: 0x30,
} as const;
