// For tests: puts together machine code from bytes and references to labels.

/** A place in a program, known by name once the program is laid out. */
export interface Reference {
  readonly label: string;
  /** `absolute` is the label's address, `relative` its distance from the end of the reference; both take 4 bytes. */
  readonly kind: 'absolute' | 'relative';
  /** Added to the address. */
  readonly addend: number;
}

/** Gives the place where it stands a name. */
export interface Label {
  readonly define: string;
}

/** Fills with NOP up to a multiple of a number. */
export interface Alignment {
  readonly align: number;
}

/** What a program is made of: bytes, references, labels, and lists of these. */
export type Item = number | Reference | Label | Alignment | readonly Item[];

/** A program at its addresses. */
export interface Program {
  readonly origin: number;
  readonly bytes: Uint8Array;
}

const NOP = 0x90;

/** The address of a label. */
export const addressOf = (label: string, addend = 0): Reference => ({ label, kind: 'absolute', addend });

/** The distance to a label, as jumps and calls take it. */
export const distanceTo = (label: string): Reference => ({ label, kind: 'relative', addend: 0 });

/** Names this place. */
export const label = (define: string): Label => ({ define });

/** Fills with NOP up to a multiple of `align` bytes. */
export const align = (align: number): Alignment => ({ align });

/** A 32-bit number or reference as four bytes, lowest first. */
export const long = (value: number | Reference): Item =>
  typeof value === 'number' ? [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24] : value;

/** A 16-bit number as two bytes, lowest first. */
export const short = (value: number): Item => [value & 0xff, (value >>> 8) & 0xff];

/** Lays programs out at their addresses and resolves labels across them. @throws Error for a label that is missing or defined twice. */
export class Layout {
  readonly #labels = new Map<string, number>();
  readonly #parts: { readonly origin: number; readonly items: readonly (number | Reference)[] }[] = [];

  /** Adds a program. */
  add(origin: number, ...items: readonly Item[]): void {
    const flat: (number | Reference)[] = [];
    let at = origin;
    const walk = (item: Item): void => {
      if (typeof item === 'number') {
        flat.push(item);
        at += 1;
      } else if ('kind' in item) {
        flat.push(item);
        at += 4;
      } else if ('define' in item) this.#define(item.define, at);
      else if ('align' in item) while (at % item.align !== 0) walk(NOP);
      else item.forEach(walk);
    };
    items.forEach(walk);
    this.#parts.push({ origin, items: flat });
  }

  /** The address of a label. */
  address(name: string): number {
    const address = this.#labels.get(name);
    if (address === undefined) throw new Error(`label ${name}: expected a definition, found none`);
    return address;
  }

  /** The bytes of every program that was added. */
  programs(): Program[] {
    return this.#parts.map(({ origin, items }) => ({ origin, bytes: this.#encode(origin, items) }));
  }

  #define(name: string, at: number): void {
    if (this.#labels.has(name)) throw new Error(`label ${name}: expected one definition, found two`);
    this.#labels.set(name, at);
  }

  #encode(origin: number, items: readonly (number | Reference)[]): Uint8Array {
    const bytes: number[] = [];
    for (const item of items) {
      if (typeof item === 'number') bytes.push(item & 0xff);
      else {
        const target = this.address(item.label) + item.addend;
        const value = item.kind === 'absolute' ? target : target - (origin + bytes.length + 4);
        for (let shift = 0; shift < 32; shift += 8) bytes.push((value >>> shift) & 0xff);
      }
    }
    return Uint8Array.from(bytes);
  }
}
