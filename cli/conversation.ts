// The scripted user at the serial console: types each line when the prompt shows and waits for a text.
import { answerStart } from './echo.ts';

/** What the scripted user does. */
export interface Script {
  /** Text that the guest shows when it wants a line. Needed when there are lines. */
  readonly prompt: string | undefined;
  /** Lines to type, without their line feeds. */
  readonly lines: readonly string[];
  /** Text to wait for in the end; with lines, in the answer to the last one: its echo does not count. */
  readonly until: string | undefined;
  /** Without `until`: whether to wait for the prompt after the last line, or to be done only when the run ends otherwise. */
  readonly awaitPrompt: boolean;
  /** Whether the guest stands at its prompt. */
  readonly atPrompt: boolean;
}

/** A machine, as far as it is needed. */
export interface Terminal {
  /** `text` is all that the serial console has shown. */
  readonly console: { readonly text: string };
  /** Types at the serial console. */
  type(text: string): void;
}

export class Conversation {
  readonly #script: Script;
  readonly #terminal: Terminal;
  #typed = 0;
  /** Index at which the last line was typed, until its echo is over. */
  #echoFrom: number | undefined;
  /** Index from which to search, and the length up to which it has been searched. */
  #from = 0;
  #looked = -1;

  constructor(script: Script, terminal: Terminal) {
    this.#script = script;
    this.#terminal = terminal;
    if (script.atPrompt && script.lines.length > 0) this.#type();
  }

  /** Lines that have been typed. */
  get typed(): number {
    return this.#typed;
  }

  /** Whether all lines have been typed. */
  get saidAll(): boolean {
    return this.#typed === this.#script.lines.length;
  }

  /** To be asked between slices. @returns whether all has been typed and what was waited for has come. */
  advance(): boolean {
    const { text } = this.#terminal.console;
    if (text.length === this.#looked) return false;
    this.#looked = text.length;
    if (!this.#skipEcho(text)) return false;
    if (this.saidAll) return this.#ended(text);
    if (this.#find(text, this.#script.prompt)) this.#type();
    return false;
  }

  #ended(text: string): boolean {
    const { until, awaitPrompt, prompt } = this.#script;
    return this.#find(text, until ?? (awaitPrompt ? prompt : undefined));
  }

  #find(text: string, wanted: string | undefined): boolean {
    return wanted !== undefined && text.indexOf(wanted, this.#from) >= 0;
  }

  /** @returns whether what is searched from `#from` on is no echo. */
  #skipEcho(text: string): boolean {
    if (this.#echoFrom === undefined) return true;
    const start = answerStart(text, this.#echoFrom, this.#script.lines[this.#typed - 1]!);
    if (start === undefined) return false;
    this.#echoFrom = undefined;
    this.#from = start;
    return true;
  }

  #type(): void {
    this.#echoFrom = this.#terminal.console.text.length;
    this.#looked = this.#echoFrom;
    this.#terminal.type(`${this.#script.lines[this.#typed++]!}\n`);
  }
}
