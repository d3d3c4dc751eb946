import { z } from 'zod';

// The page's policy forbids evaluating strings. The schemas would try it once and fall back; the try alone is reported as a
// violation. They look at this when they are made, so this module comes before every other.
z.config({ jitless: true });
