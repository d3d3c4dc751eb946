import { z } from 'zod';

/** Where updates come from and whose they have to be: written into the package's package.json when it is made. */
export interface UpdateSource {
  /** The folder on the server. Ends with a slash. */
  readonly url: string;
  /** Public keys, of which one has to have signed. */
  readonly keys: readonly string[];
}

const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** The signature is what counts; the line's encryption keeps to itself who looks for updates, and when. */
function isPrivate(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
}

const packageSchema = z.object({
  update: z.object({ url: z.string().refine(isPrivate), keys: z.array(z.string()).min(1).max(4) }),
});

/** The source a package names, or undefined where it names none: a checkout, and packages that somebody else updates. */
export function updateSource(packageJson: unknown): UpdateSource | undefined {
  const parsed = packageSchema.safeParse(packageJson);
  if (!parsed.success) return undefined;
  const { url, keys } = parsed.data.update;
  return { url: url.endsWith('/') ? url : `${url}/`, keys };
}
