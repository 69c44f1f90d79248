// What a BIOS would have left in the devices, and kernels rely on: a keyboard controller that translates, a VGA in text mode.
// Sources: IBM PC AT Technical Reference (8042); IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (mode 3).

/** One OUT instruction with a byte. */
export type PortWrite = readonly [port: number, value: number];

/**
 * Interrupt 1 on, self-test passed, scan codes translated to set 1. v86's keyboard sends set 1 whatever it is told; Linux, when it finds
 * translation off, believes in untranslated set 2 and understands no key.
 */
const KEYBOARD: readonly PortWrite[] = [
  [0x64, 0x60],
  [0x60, 0x45],
];

const MISCELLANEOUS_OUTPUT = 0x67;
const SEQUENCER = [0x03, 0x00, 0x03, 0x00, 0x02];
const CRT_CONTROLLER = [
  0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f,
  0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff,
];
/** Register 0x11 write-protects registers 0 to 7 with its top bit. */
const CRT_VERTICAL_RETRACE_END = 0x11;
const GRAPHICS_CONTROLLER = [0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff];
const ATTRIBUTE_CONTROLLER = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00, 0x0f,
  0x08, 0x00,
];
/** Written to the attribute controller's index: gives the palette back to the display. */
const DISPLAY_ON = 0x20;
const COLOURS = 64;

const indexed = (port: number, values: readonly number[]): PortWrite[] =>
  values.flatMap((value, index): PortWrite[] => [
    [port, index],
    [port + 1, value],
  ]);

/** The 64 colours of an EGA as 6-bit red, green and blue: two thirds of full for the colour's low bit, a third for its high bit. */
function palette(): PortWrite[] {
  const level = (colour: number, low: number): number => ((colour >> low) & 1) * 42 + ((colour >> (low + 3)) & 1) * 21;
  const writes: PortWrite[] = [[0x3c8, 0]];
  for (let colour = 0; colour < COLOURS; colour++) {
    for (const low of [2, 1, 0]) writes.push([0x3c9, level(colour, low)]);
  }
  return writes;
}

/** 80 x 25 characters in 16 colours at 0xb8000. */
const TEXT_MODE: readonly PortWrite[] = [
  [0x3c2, MISCELLANEOUS_OUTPUT],
  ...indexed(0x3c4, SEQUENCER),
  [0x3d4, CRT_VERTICAL_RETRACE_END],
  [0x3d5, 0x0e],
  ...indexed(0x3d4, CRT_CONTROLLER),
  ...indexed(0x3ce, GRAPHICS_CONTROLLER),
  // Index and value go to the same port in turn; the stub has reset that turn.
  ...ATTRIBUTE_CONTROLLER.flatMap((value, index): PortWrite[] => [
    [0x3c0, index],
    [0x3c0, value],
  ]),
  [0x3c0, DISPLAY_ON],
  [0x3c6, 0xff],
  ...palette(),
];

/** Reading this port makes the attribute controller expect an index. */
export const ATTRIBUTE_RESET_PORT = 0x3da;

/** All of it, in order. */
export const FIRMWARE_WRITES: readonly PortWrite[] = [...KEYBOARD, ...TEXT_MODE];
