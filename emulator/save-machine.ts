// Saving a machine and putting it back: gathers what each part has to say.
import type { AccessHandler } from './access.ts';
import type { Machine } from './machine.ts';
import type { ProbeHandler } from './probe.ts';
import { encodeSnapshot, type Snapshot } from './snapshot.ts';
import { restoreVmm, saveVmm } from './v86/vmm-state.ts';

/** What a restored machine can't find in the file. */
export interface RestoreOptions {
  /** Names the file in errors. */
  readonly source?: string;
  /** Whether hot guest code is compiled from here on. @default as in the machine that was saved */
  readonly jit?: boolean;
  /** Handlers of probes by the names that they were armed with; a probe without one goes on counting. */
  readonly probes?: Readonly<Record<string, ProbeHandler>>;
  /** Handlers of protections by their names; a protection without one allows everything. */
  readonly protections?: Readonly<Record<string, AccessHandler>>;
}

/** Takes a snapshot between two slices. */
export async function saveMachine(machine: Machine): Promise<Uint8Array> {
  const { console, options, vmm, parts } = machine;
  const unread = { serial: !console.serialReady, ps2: !console.ps2Ready };
  const input = parts.input.save();
  // v86's serial port keeps its queue over a restore, its keyboard does not.
  const state = await saveVmm(vmm, () => unread.ps2 && console.putScancode(input.last.scancode));
  const { memorySize, jit, mips, seed, epoch } = options;
  return encodeSnapshot(
    {
      options: { memorySize, jit, mips, seed, epoch },
      text: console.text,
      input,
      unread,
      pairing: parts.pairing.save().map(([at, entry]): [number, typeof entry] => [at, entry]),
      probes: parts.probes.save(),
      protections: parts.protections.save(),
      listeners: parts.listeners.save(),
    },
    state,
    machine.codec,
  );
}

/** Puts a snapshot into a machine that was just made with the same options. */
export async function restoreMachine(machine: Machine, snapshot: Snapshot, options: RestoreOptions): Promise<void> {
  const { header, state } = snapshot;
  const { console, vmm, parts } = machine;
  await restoreVmm(vmm, state, () => {
    if (header.unread.serial) console.putSerial(header.input.last.serial);
    if (header.unread.ps2) console.putScancode(header.input.last.scancode);
  });
  // The image holds the choice that the machine was saved with.
  vmm.setJit(machine.options.jit);
  console.text = header.text;
  parts.input.restore(header.input);
  parts.pairing.restore(header.pairing);
  parts.protections.restore(header.protections, options.protections ?? {});
  parts.probes.restore(header.probes, options.probes ?? {});
  parts.listeners.restore(header.listeners);
}
