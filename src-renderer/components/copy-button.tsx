import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useActions } from '../store.ts';

const SHOWN_MS = 2_500;

interface Props {
  readonly text: string;
  /** What the button says: `Copy link`. */
  readonly label: string;
}

/** Copies, and says for a moment that it did. */
export function CopyButton({ text, label }: Props) {
  const { copy } = useActions();
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => {
      setCopied(false);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);

  const run = async (): Promise<void> => {
    setCopied(await copy(text));
  };

  return (
    <>
      <button type="button" className="button small" onClick={() => void run()}>
        {copied ? <Check aria-hidden className="icon" /> : <Copy aria-hidden className="icon" />}
        {label}
      </button>
      <span role="status" className="copied">
        {copied ? 'Copied' : ''}
      </span>
    </>
  );
}
