// What `wolfden spaces` has a guest do when the user gives no --send, by what the guest's shell understands.

/** Lines to type. */
export interface Workload {
  /** What they do, as the object of "the guest ran". */
  readonly about: string;
  readonly lines: readonly string[];
}

/** A shell with subshells: each fork is a process of one address space, which has ended when the shell goes on. */
const posixShell = (forks: number): Workload => ({
  about: `a script that forks ${forks} times`,
  lines: [`i=0; while [ $i -lt ${forks} ]; do (:); i=$((i+1)); done`],
});

/** Children that pup can have at once with room to spare: its memory is small. */
const PUP_BATCH = 100;

/** pup has no subshells, but a program that forks. */
function pup(forks: number): Workload {
  const batches = Array.from({ length: Math.ceil(forks / PUP_BATCH) }, (_, batch) =>
    Math.min(PUP_BATCH, forks - batch * PUP_BATCH),
  );
  return {
    about: `a few commands, and a program that forks ${forks} times in all`,
    lines: ['ls', 'ps', 'ls /bin | sort | wc', ...batches.map((count) => `forkstorm ${count}`)],
  };
}

/**
 * The workload for a guest.
 * @param prompt of its shell: that is what tells shells apart.
 * @param forks how often it is to fork.
 */
export const workloadFor = (prompt: string, forks: number): Workload =>
  prompt.startsWith('pup#') ? pup(forks) : posixShell(forks);
