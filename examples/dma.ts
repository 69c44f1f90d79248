// Event `dma`: a device writes guest memory by itself. A guest of a few bytes has the floppy drive read its first sector.
import { createMachine, phys } from '../index.ts';

/** What the guest writes to which port: Intel 8237A (DMA channel 2) and 82077AA (floppy controller) data sheets. */
const OUTPUTS: readonly [port: number, ...bytes: number[]][] = [
  [0x04, 0x00, 0x20], // the channel's address: 0x2000,
  [0x81, 0x01], // in page 1
  [0x05, 0xff, 0x01], // 512 bytes
  [0x0b, 0x46], // a single transfer into memory
  [0x0a, 0x02], // channel 2 may begin
  [0x3f2, 0x1c], // the drive's motor on, with DMA
  [0x3f5, 0xe6, 0, 0, 0, 1, 2, 18, 27, 255], // read cylinder 0, head 0, sector 1
];
const code = OUTPUTS.flatMap(([port, ...bytes]) => [
  ...[0x66, 0xba, port & 0xff, port >> 8], // mov dx, port
  ...bytes.flatMap((byte) => [0xb0, byte, 0xee]), // mov al, byte; out dx, al
]);

/** A multiboot image that is loaded at 1 MiB (Multiboot Specification 0.6.96, 3.1.3). */
const HEADER = [0x1badb002, 0x10000, -0x1badb002 - 0x10000, 0x100000, 0x100000, 0, 0, 0x100020];
const image = new Uint8Array(4096);
image.set(new Uint8Array(Uint32Array.from(HEADER).buffer));
image.set([...code, 0xfa, 0xf4], 32); // cli; hlt

const floppy = new Uint8Array(1440 * 1024);
floppy.set(new TextEncoder().encode('first sector'));

const machine = await createMachine({ boot: { multiboot: image, floppy }, memorySize: 4 << 20 });
machine.on('dma', ({ address, length }) => console.log(`a device writes ${length} bytes at 0x${address.toString(16)}`));
console.log(await machine.run());
const bytes = machine.memory.readPhysical(phys(0x12000), 12);
if (bytes instanceof Uint8Array) console.log(`there now: ${new TextDecoder().decode(bytes)}`);
await machine.close();
