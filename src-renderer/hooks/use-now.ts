import { useEffect, useState } from 'react';

/**
 * The time in milliseconds since 1970, read again every `intervalMs`. With `active` false it stands still, and so does the
 * component.
 */
export function useNow(intervalMs: number, active = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, intervalMs);
    return () => {
      clearInterval(timer);
    };
  }, [intervalMs, active]);
  return now;
}
