// The keyboard controller's ports (Intel 8042; IBM PC AT technical reference): data, and status or command.
export const CONTROLLER_DATA = 0x60;
export const CONTROLLER_PORTS: readonly number[] = [CONTROLLER_DATA, 0x64];
