import encodeQR from 'qr';
import { useMemo } from 'react';

/** Light modules around the code, which readers need (ISO/IEC 18004 asks for four). */
const QUIET_ZONE = 4;

/** A code that a camera reads from an arm's length away, in CSS pixels. */
const LEAST_SIDE = 360;
const LEAST_MODULE = 3;

interface Props {
  readonly text: string;
  readonly label: string;
}

/** A QR code as one SVG path. Draws nothing when the text is too long for one. */
export function QrCode({ text, label }: Props) {
  const code = useMemo(() => draw(text), [text]);
  if (code === undefined) return null;
  return (
    <svg
      className="qr"
      role="img"
      width={code.size * pixelsPerModule(code.size)}
      aria-label={label}
      viewBox={`0 0 ${String(code.size)} ${String(code.size)}`}
      shapeRendering="crispEdges"
    >
      <rect className="qr-light" width="100%" height="100%" />
      <path className="qr-dark" d={code.path} />
    </svg>
  );
}

/** A whole number, so that every module is as sharp as every other. */
function pixelsPerModule(size: number): number {
  return Math.max(LEAST_MODULE, Math.ceil(LEAST_SIDE / size));
}

function draw(text: string): { path: string; size: number } | undefined {
  let modules: boolean[][];
  try {
    // The link is shown beside it and the screen is clean: the least redundancy gives the largest modules.
    modules = encodeQR(text, 'raw', { ecc: 'low', border: QUIET_ZONE });
  } catch {
    return undefined;
  }
  let path = '';
  for (const [y, row] of modules.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue;
      const start = x;
      while (row[x + 1] === true) x += 1;
      path += `M${String(start)} ${String(y)}h${String(x - start + 1)}v1h-${String(x - start + 1)}z`;
    }
  }
  return { path, size: modules.length };
}
