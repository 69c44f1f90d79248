// EDM's core: instantiated in v86's own linear memory, beside v86.
import { SINK_PAGES, TLB_DATA } from "./facts";
import { FAILURE, OWNER, RIGHT } from "./kinds";
import { base, LEDGER } from "./layout";
import { initialise as initialiseFrames } from "./frames";
import { setPages } from "./ledger";
import { mustBeWhole } from "./gate";
import { fail, now } from "./log";
import { setPhase } from "./policy";
import { setRam } from "./ram";
import { initialise as initialiseHash } from "./sha256";

export { check, grow, refused, state, tlb } from "./gate";
export { event, countKinds, counted } from "./events";
export { alarms, drain, head, logDrained, logWritten, note, raise } from "./log";
export { arm } from "./policy";
export { lock } from "../policies/assembly/transitions";
export { protect, protectedRanges } from "../policies/assembly/frames";
export { deviceWrites } from "../policies/assembly/dma";
export {
  safe_read_write16_slow_jit, safe_read_write32s_slow_jit, safe_read_write64_slow_jit, safe_read_write8_slow_jit, safe_write128_slow_jit,
  safe_write16_slow_jit, safe_write32_slow_jit, safe_write64_slow_jit, safe_write8_slow_jit,
} from "./slow-way";
export { walk, frame, writable, user, global } from "./walker";

/**
 * Makes the ledger. Pages by number, 4 KiB each.
 * @param arena first page of the arena
 * @param arenaEnd one past its last
 * @param bytes of EDM itself
 */
export function initialise(arena: u32, arenaEnd: u32, bytes: u32): void {
  setPages(0, 1 << 20, OWNER.ABSENT, RIGHT.READ_ONLY);
  store<u8>(base + LEDGER + (1 << 20), 0x80);
  const tlbFirst = u32(TLB_DATA) >> 12, tlbEnd = (u32(TLB_DATA) + (4 << 20) + 4095) >> 12;
  setPages(0, 1, OWNER.VMM_STATIC, RIGHT.OBSERVED);
  setPages(1, tlbFirst, OWNER.VMM_STATIC, RIGHT.WRITABLE);
  // The table shares its first and last page with other statics: looked at exactly.
  setPages(tlbFirst, tlbEnd, OWNER.SOFT_TLB, RIGHT.OBSERVED);
  setPages(tlbEnd, arena, OWNER.VMM_STATIC, RIGHT.WRITABLE);
  setPages(arena, arena + SINK_PAGES, OWNER.VMM_STATIC, RIGHT.WRITABLE);
  setPages(arena + SINK_PAGES, arenaEnd, OWNER.GUARD, RIGHT.READ_ONLY);
  const own = u32(base) >> 12;
  setPages(own, own + (bytes >> 12), OWNER.EDM, RIGHT.READ_ONLY);
  initialiseHash();
}

/** v86 has allocated guest RAM. */
export function ramAllocated(at: u32, bytes: u32): void {
  if ((at & 0xfff) != 0 || (bytes & 0xfff) != 0) fail(FAILURE.RAM_UNALIGNED, at, bytes);
  setRam(at, bytes);
  initialiseFrames();
}

/** The guest is about to run, or has stopped running. */
export function resumed(): void {
  mustBeWhole();
  setPhase(1);
}

export function suspended(): void {
  now();
  setPhase(2);
}
