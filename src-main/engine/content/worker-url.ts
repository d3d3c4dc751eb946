/**
 * Where a content worker's code is. From source the workers have a folder of their own; in the bundle all of the main process,
 * whichever file this function ended up in, lies in one folder with them.
 */
export function workerUrl(name: 'send-worker' | 'receive-worker'): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? `../../workers/${name}.ts` : `./${name}.js`, import.meta.url);
}
