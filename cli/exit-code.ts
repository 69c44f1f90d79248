// What the exit code of the command line says.

/** Exit codes; 130 is what shells give to a process that SIGINT ended. */
export const EXIT = { ok: 0, failure: 1, usage: 2, crashed: 3, unfinished: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The same for people, below each help text. */
export const EXIT_CODE_HELP = `Exit codes:
  0    all went well
  1    something failed, as the message says
  2    the command line or a file given is wrong
  3    the guest crashed (triple fault, or something that v86 can't run)
  4    the guest ended or --for was over before all of --send and --until
  130  interrupted`;
