// Notes of switches: told later, and the same as those that are told at once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type VirtAddr, virt } from '../../emulator/index.ts';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { IdentityReader } from '../kernel/identity.ts';
import { Switches } from '../kernel/switches.ts';
import { parametersOf, pupValues } from '../testing/pup-parameters.ts';
import { SwitchNotes } from './switch-notes.ts';

// On `pup-threads` ids lie behind a pointer, in a page that the TLB lacks after the space was changed: none is noted, and all are told.
for (const [name, isNoted] of [
  ['pup', true],
  ['pup-alien', true],
  ['pup-threads', false],
] as const) {
  test(`${name}: switches of two threads are told in their order, ${isNoted ? 'most of them noted, more than there is room for' : 'none noted'}`, async () => {
    const image = await catalogueImage(name);
    await using pup = await PupSession.start(image);
    await pup.until(PROMPT);
    const { machine } = pup;
    const parameters = parametersOf(await pupValues(await catalogueMap(name), image));
    let notes!: SwitchNotes;
    const [noted, plain]: string[][] = [[], []];
    const threads = new Set<VirtAddr>();
    let later = 0;
    const turn = (thread: number, instructions: number, time: number) => `${thread} ${instructions} ${time}`;
    using heard = new Switches(
      machine,
      parameters,
      {
        enters: (thread, instructions, time, wasNoted) => {
          noted!.push(turn(thread, instructions, time));
          if (wasNoted) later++;
        },
      },
      (told) => {
        notes = new SwitchNotes(machine, parameters, told);
        return notes;
      },
    );
    using _plain = new Switches(machine, parameters, {
      enters: (thread, instructions, time) => {
        threads.add(thread);
        plain!.push(turn(thread, instructions, time));
      },
    });
    await pup.command('pingpong 20');
    assert.is(later, 0);
    // A place where nobody's return address is: all that are admitted are noted.
    notes.except({ distance: 0, returns: virt(1) });
    const identity = new IdentityReader(machine, parameters);
    const admitting = machine.afterSlice(() => {
      for (const thread of threads) notes.admit(thread, identity.pid(thread));
    });
    await pup.command('pingpong 3000');
    heard.settle();
    admitting[Symbol.dispose]();
    if (isNoted) assert.ok(later > 0.9 * (plain!.length - 100) && later > 4096, `${later} of ${plain!.length} noted`);
    else assert.is(later, 0);
    assert.equal(noted, plain!.slice(0, noted!.length));
    assert.ok(plain!.length - noted!.length <= 1);
    const before = later;
    notes.except(undefined);
    await pup.command('pingpong 20');
    assert.is(later, before);
    notes[Symbol.dispose]();
  });
}

test.run();
