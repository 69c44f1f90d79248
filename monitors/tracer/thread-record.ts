// What is known about one thread of the guest, from its first turn on the CPU to its end.
import type { VirtAddr } from '../../emulator/index.ts';

/** An instant of the machine. */
export interface Stamp {
  /** Instructions since power-on. */
  readonly instructions: number;
  /** Virtual milliseconds since power-on. */
  readonly time: number;
}

/** A thread: the only one of its process, or one of several. What is not known of it is undefined. */
export interface ThreadRecord {
  /** 1 for the first that was seen, and so on: ids of the guest's own are used again. */
  readonly id: number;
  /** Address of its structure in the kernel. */
  readonly structure: VirtAddr;
  /** Its id in the guest. */
  readonly pid: number | undefined;
  /** The id of its process: that of the process's first thread. */
  readonly group: number | undefined;
  /** Whether it runs in a process that another thread began. */
  readonly thread: boolean;
  readonly name: string | undefined;
  /** The path that it last executed. */
  readonly path: string | undefined;
  /** Id of the process that made it. */
  readonly parent: number | undefined;
  /** Its first turn on the CPU; undefined for one that nobody was seen to make: it may have been there when the watch began. */
  readonly created: Stamp | undefined;
  /** The first turn that was seen. */
  readonly seen: Stamp;
  /** Its last turn's end, or its last call; undefined while it lives. */
  readonly ended: Stamp | undefined;
  /** Turns on the CPU. */
  readonly turns: number;
  /** Instructions executed in its turns, at all privilege levels: interrupts that came meanwhile count too. */
  readonly instructions: number;
  /** The same in virtual milliseconds: what the CPU waits in HLT is not counted. */
  readonly cpuTime: number;
}

/** What the threads of a process share. */
export interface Process {
  /** Id of the record of the youngest that began one with that id; 0 where only others were seen. No reference, so that records can be written as JSON. */
  first: number;
  /** How many of them live. */
  living: number;
}

/** The same to whoever keeps the records. */
export type OpenRecord = { -readonly [Field in keyof ThreadRecord]: ThreadRecord[Field] } & {
  /** Undefined where its id is not known. */
  readonly process: Process | undefined;
  /** A call to replace the program that has not returned yet: the path, and the address space that it is to leave. */
  executing: { path: string | undefined; readonly at: VirtAddr | undefined; readonly space: number } | undefined;
  /** Whether a call to make a process or thread has not returned yet. */
  creating: boolean;
  /** Whether it made a call to end. */
  ending: Stamp | undefined;
};
