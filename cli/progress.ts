// What is being fetched, on one line of the terminal that is written over; silent when nobody watches.
import type { WriteStream } from 'node:tty';
import type { FetchEvent } from '../guests/index.ts';

/** Terminal that shows progress: a TTY, or anything else, on which nothing is shown. */
export type ProgressStream = Pick<WriteStream, 'write' | 'isTTY'> & { readonly columns?: number };

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

function describe(event: FetchEvent): string {
  switch (event.kind) {
    case 'lists':
      return `reading the package lists of ${event.suite}`;
    case 'download':
      return `${event.package}: ${mib(event.received)} of ${mib(event.total)} MiB`;
    case 'unpack':
      return `unpacking ${event.package}`;
    default:
      return event.text;
  }
}

/** Shows progress of fetching. `end` clears the line. Notices stay, and are shown to everybody. */
export class Progress {
  readonly #stream: ProgressStream;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  readonly show = (event: FetchEvent): void => {
    if (event.kind === 'notice') {
      this.end();
      this.#stream.write(`${event.text}\n`);
    } else this.say(describe(event));
  };

  /** Says what takes long now. */
  readonly say = (text: string): void => {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${text.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  };

  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}
