import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkout, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** One row of a table, by the names of its columns. */
export class Row {
  readonly #cells: ReadonlyMap<string, string>;

  constructor(cells: ReadonlyMap<string, string>) {
    this.#cells = cells;
  }

  text(column: string): string {
    const cell = this.#cells.get(column);
    if (cell === undefined) throw new Error(`there is no column ${column}`);
    return cell;
  }

  /** A cell that is nothing but one piece of code, without the backticks. */
  code(column: string): string {
    const [only, ...more] = this.codes(column);
    if (only === undefined || more.length > 0) throw new Error(`not one piece of code: ${this.text(column)}`);
    return only;
  }

  /** A cell that is nothing but pieces of code with commas between them, or empty. */
  codes(column: string): string[] {
    const cell = this.text(column);
    if (cell === '') return [];
    if (!/^`[^`]+`(, `[^`]+`)*$/.test(cell)) throw new Error(`not code: ${cell}`);
    return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
  }

  /** A cell that is a whole number, or one as code, and nothing else. */
  number(column: string): number {
    const text = this.text(column).replace(/^`(.*)`$/, '$1');
    if (!/^(0|[1-9]\d*|0x[0-9a-f]{2})$/.test(text)) throw new Error(`not a number: ${text}`);
    return Number(text);
  }
}

/** A document of ours, read strictly: what is not found exactly where it is looked for, or not once, throws. */
export class Markdown {
  readonly text: string;
  readonly #sections: readonly { readonly heading: string; readonly lines: readonly string[] }[];

  /** `path` is relative to the checkout. */
  constructor(path: string) {
    this.text = readFileSync(root + path, 'utf8');
    this.#sections = sectionsOf(this.text);
  }

  /** Without their `#`s. */
  get headings(): readonly string[] {
    return this.#sections.map(({ heading }) => heading);
  }

  /** The text between the one heading that reads so and the next heading of any level, on one line. */
  section(heading: string): string {
    return this.#lines(heading).join(' ').replace(/\s+/g, ' ').trim();
  }

  /** The rows of the one table with this header in a section. */
  table(heading: string, header: readonly string[]): readonly Row[] {
    const found = tablesOf(this.#lines(heading)).filter(([first]) => first === `| ${header.join(' | ')} |`);
    const [table, ...more] = found;
    if (table === undefined || more.length > 0) {
      throw new Error(`${String(found.length)} tables with ${header.join(', ')} in ${heading}`);
    }
    return table.slice(2).map((line) => rowOf(line, header));
  }

  #lines(heading: string): readonly string[] {
    const found = this.#sections.filter((section) => section.heading === heading);
    const [section, ...more] = found;
    if (section === undefined || more.length > 0) throw new Error(`${String(found.length)} × ${heading}`);
    return section.lines;
  }
}

function sectionsOf(text: string) {
  const sections: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }];
  let isCode = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    const heading = isCode ? undefined : /^#{1,6} (.+)$/.exec(line)?.[1];
    if (heading === undefined) sections.at(-1)?.lines.push(line);
    else sections.push({ heading, lines: [] });
  }
  return sections;
}

function tablesOf(lines: readonly string[]): string[][] {
  const tables: string[][] = [];
  let before = '';
  for (const line of lines) {
    if (line.startsWith('|')) {
      if (!before.startsWith('|')) tables.push([]);
      tables.at(-1)?.push(line);
    }
    before = line;
  }
  for (const [, separator] of tables) {
    if (!/^(\|---)+\|$/.test(separator ?? ''))
      throw new Error(`not under a table's header: ${String(separator)}`);
  }
  return tables;
}

function rowOf(line: string, header: readonly string[]): Row {
  if (!/^(\| [^|]*)+\|$/.test(line) || line.includes('\\|')) throw new Error(`not a row: ${line}`);
  const cells = line.slice(1, -1).split('|');
  if (cells.length !== header.length) throw new Error(`${String(cells.length)} cells: ${line}`);
  return new Row(new Map(header.map((column, index) => [column, cells[index]?.trim() ?? ''])));
}
