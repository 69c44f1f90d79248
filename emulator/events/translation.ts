// The translation look-aside buffer (SDM vol. 3, 4.10). v86's is one word for each virtual page.
import { type PhysAddr, phys, type VirtAddr, virt } from '../address.ts';
import { MachineEvent } from './event.ts';

/**
 * A page walk succeeded and its result is cached. Without paging the translation is one to one. Can't be suppressed. In compiled code
 * `cpu` has the general registers of its last way out.
 */
export class TlbFillEvent extends MachineEvent {
  override readonly kind = 'tlb-fill';
  /** The address whose translation was needed. */
  address: VirtAddr = virt(0);
  /** First address of the frame that it translates to. */
  frame: PhysAddr = phys(0);
  /** Whether CPL 3 may use the entry. */
  user = false;
  /** Whether the entry admits writes; an entry made for a read never does. */
  writable = false;
  /** Whether the entry survives a CR3 write. */
  global = false;
  /** Whether the access that needed it is a write. */
  write = false;

  override fill(a: number, b: number, c: number): void {
    this.address = virt(a);
    this.frame = phys(b & ~0xfff);
    this.writable = (b & 2) === 0;
    this.user = (b & 4) === 0;
    this.global = (b & 16) !== 0;
    this.write = c !== 0;
  }
  override fields() {
    const { address, frame, user, writable, global, write } = this;
    return { address, frame, user, writable, global, write };
  }
}

/** What a flush removes: every entry, every entry that is not global, or that of one page. */
export type TlbFlushScope = 'all' | 'non-global' | 'page';

const SCOPES: readonly TlbFlushScope[] = ['all', 'non-global', 'page'];

/** Entries are about to be dropped: a CR write, INVLPG, a task switch, or v86's own need. Can't be suppressed. */
export class TlbFlushEvent extends MachineEvent {
  override readonly kind = 'tlb-flush';
  /** Which entries go. */
  scope: TlbFlushScope = 'all';
  /** The page of INVLPG; undefined for the other scopes. */
  address: VirtAddr | undefined;

  override fill(a: number, b: number): void {
    this.scope = SCOPES[a] ?? 'all';
    this.address = this.scope === 'page' ? virt(b) : undefined;
  }
  override fields() {
    return { scope: this.scope, address: this.address };
  }
}
