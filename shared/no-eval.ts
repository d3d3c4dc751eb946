import { z } from 'zod';

// No program of ours makes code out of strings. The schemas would: the page's policy forbids even the try, which is reported as a
// violation, and elsewhere each of them would cost milliseconds when it is first used. They look at this when they are made, so
// this module comes before every other.
z.config({ jitless: true });
