#!/usr/bin/env node
// The command line: wolfden COMMAND.
import { main } from './main.ts';

// The reader of our output has gone (`wolfden run ... | head`): there is nobody to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

await main(process.argv.slice(2));
// v86's device models leave timers behind, which would keep the process: it ends once its output has been taken.
for (const stream of [process.stdout, process.stderr]) await new Promise((taken) => stream.write('', taken));
process.exit();
