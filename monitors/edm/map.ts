// Maps of memory: what EDM's ledger says, as JSON, as text and as a picture.
import type { FrameTypeName, Ledger, OwnerName, PageRun } from './ledger.ts';

/** A map as JSON. */
export interface MemoryMap {
  /** Runs of pages of linear memory, 4 KiB each. */
  readonly pages: readonly PageRun[];
  /** Guest RAM: linear address and bytes. */
  readonly ram: { readonly base: number; readonly size: number };
  /** Number of guest-physical frames of each type. */
  readonly frames: Readonly<Record<FrameTypeName, number>>;
}

/** How an owner is drawn: a letter in text, a colour in the picture. */
const LOOK: Readonly<Record<OwnerName, { readonly letter: string; readonly colour: string }>> = {
  absent: { letter: ' ', colour: '#ffffff' },
  vmm_static: { letter: 's', colour: '#8da0cb' },
  vmm_heap: { letter: 'h', colour: '#a6bddb' },
  soft_tlb: { letter: 't', colour: '#e78ac3' },
  guest_ram: { letter: 'r', colour: '#a6d854' },
  device: { letter: 'd', colour: '#ffd92f' },
  edm: { letter: 'E', colour: '#d7301f' },
  guard: { letter: '.', colour: '#e5e5e5' },
};

/** Rights are drawn as shades: what VMM code may write freely is lightest. */
const OPACITY = { writable: 0.55, observed: 0.8, read_only: 1 } as const;

export const memoryMap = (ledger: Ledger): MemoryMap => ({
  pages: ledger.pages(),
  ram: ledger.ram,
  frames: ledger.frameTypes(),
});

/**
 * The map as text: one letter stands for the page of a cell that EDM guards most.
 * @param cell pages in a cell
 * @param columns cells in a row
 */
export function drawText(map: MemoryMap, { cell = 256, columns = 64 } = {}): string {
  const end = map.pages.at(-1)?.to ?? 0;
  const letters = new Array<string>(Math.ceil(end / cell)).fill(' ');
  const weight = (letter: string): number => ('E'.includes(letter) ? 2 : letter === ' ' ? 0 : 1);
  for (const { from, to, owner } of map.pages) {
    const { letter } = LOOK[owner];
    for (let at = Math.floor(from / cell); at <= Math.floor((to - 1) / cell); at++)
      if (weight(letter) > weight(letters[at]!)) letters[at] = letter;
  }
  const rows: string[] = [];
  for (let at = 0; at < letters.length; at += columns)
    rows.push(`${(at * cell * 4096).toString(16).padStart(8, '0')}  ${letters.slice(at, at + columns).join('')}`);
  const legend = Object.entries(LOOK).filter(([, { letter }]) => letter !== ' ');
  return [...rows, '', legend.map(([owner, { letter }]) => `${letter} ${owner.replace('_', ' ')}`).join('   ')].join(
    '\n',
  );
}

/** The map as an SVG: each row is 4 MiB of linear memory, runs of pages as bars. */
export function drawSvg(map: MemoryMap): string {
  const [rowPages, width, height, gap] = [1024, 1024, 6, 1];
  const end = map.pages.at(-1)?.to ?? 0;
  const rows = Math.ceil(end / rowPages);
  const bars: string[] = [];
  for (const { from, to, owner, right } of map.pages) {
    for (let at = from; at < to; ) {
      const stop = Math.min(to, (Math.floor(at / rowPages) + 1) * rowPages);
      const [x, y] = [at % rowPages, Math.floor(at / rowPages) * (height + gap)];
      const title = `${owner.replace('_', ' ')}, ${right.replace('_', ' ')}: 0x${(from * 4096).toString(16)} to 0x${(to * 4096).toString(16)}`;
      bars.push(
        `<rect x="${x}" y="${y}" width="${stop - at}" height="${height}" fill="${LOOK[owner].colour}" fill-opacity="${OPACITY[right]}"><title>${title}</title></rect>`,
      );
      at = stop;
    }
  }
  const legend = Object.entries(LOOK).filter(([owner]) => owner !== 'absent');
  const top = rows * (height + gap) + 14;
  const key = legend.map(
    ([owner, { colour }], i) =>
      `<rect x="${i * 130}" y="${top}" width="12" height="12" fill="${colour}"/><text x="${i * 130 + 18}" y="${top + 11}" font-family="sans-serif" font-size="12">${owner.replace('_', ' ')}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 24}">\n${[...bars, ...key].join('\n')}\n</svg>\n`;
}
