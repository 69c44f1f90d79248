// Event `screen-text`: a cell of the text screen changes. Keeps a copy of the screen of a guest that knows no serial port.
import { bootGuest } from '../index.ts';

const [ROWS, COLUMNS] = [25, 80];
const screen = Array.from({ length: ROWS }, () => Array<string>(COLUMNS).fill(' '));

const machine = await bootGuest('pup');
machine.on('screen-text', ({ row, column, character }) => {
  screen[row]![column] = String.fromCharCode(character);
});
machine.type('ls /\n');
await machine.run({ until: 'pup# ' });
const rows = screen.map((cells) => cells.join('').trimEnd());
console.log(rows.filter((row) => row !== '').join('\n'));
await machine.close();
