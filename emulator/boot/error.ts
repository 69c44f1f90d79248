// The one error of this room: a kernel, module, ELF file or disk image that cannot be booted, and what to do about it.

/** What is known about a bad boot image. */
export interface BootImageProblem {
  /** Name of the file, as the user knows it. */
  readonly file: string;
  /** Offset in the file, bytes; absent where the problem is not at one place. */
  readonly offset?: number;
  /** What should have been there. */
  readonly expected: string;
  /** What was there. */
  readonly found: string;
  /** What the user can do. */
  readonly remedy: string;
}

/** Thrown for every image that cannot be booted. Parsers and builders of this room throw nothing else for bad input. */
export class BootImageError extends Error implements BootImageProblem {
  override readonly name = 'BootImageError';
  readonly file: string;
  readonly offset?: number;
  readonly expected: string;
  readonly found: string;
  readonly remedy: string;

  constructor(problem: BootImageProblem) {
    const place = problem.offset === undefined ? '' : ` at offset ${hex(problem.offset)}`;
    super(`${problem.file}${place}: expected ${problem.expected}, found ${problem.found}; ${problem.remedy}`);
    this.file = problem.file;
    if (problem.offset !== undefined) this.offset = problem.offset;
    this.expected = problem.expected;
    this.found = problem.found;
    this.remedy = problem.remedy;
  }
}

/** A number as it is written in messages about addresses, offsets and magic numbers. */
export const hex = (value: number): string => `0x${value.toString(16)}`;

/** Bytes as MiB with one decimal, rounded up so that the number given is always enough. */
export const mebibytes = (bytes: number): string => `${Math.ceil((bytes / 2 ** 20) * 10) / 10} MiB`;
