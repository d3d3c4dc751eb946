import encodeQR from 'qr';

/** Light modules around the code, so that a camera finds its edge. */
const BORDER = 2;

// Fixed entries of the 256-colour palette: themes change what "black" and "white" look like, but not these.
const BLACK_ON_WHITE = '\u001b[38;5;16;48;5;231m';
const RESET = '\u001b[0m';

/**
 * A QR code as lines of text, two modules per character. With colours it is black on white whatever the terminal looks like;
 * without, blocks are light modules, which fits the usual dark terminal. Undefined when it is wider than `columns`.
 */
export function qrLines(text: string, columns: number, colours: boolean): readonly string[] | undefined {
  const modules = encodeQR(text, 'raw', { ecc: 'low', border: BORDER });
  const width = modules[0]?.length ?? 0;
  if (width === 0 || width > columns) return undefined;
  const isInk = (x: number, y: number): boolean => (modules[y]?.[x] ?? false) === colours;
  const lines: string[] = [];
  for (let y = 0; y < modules.length; y += 2) {
    let line = '';
    for (let x = 0; x < width; x += 1) line += halfBlock(isInk(x, y), isInk(x, y + 1));
    lines.push(colours ? `${BLACK_ON_WHITE}${line}${RESET}` : line);
  }
  return lines;
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}
