// wolfden guests: what guests there are and in what state.

import type { Argv, CommandModule } from 'yargs';
import { findGuest, type Guest, type GuestState, guestNames, guestState } from '../../guests/index.ts';
import { colours } from '../colours.ts';
import { plainTable } from '../table.ts';
import { guestsBuildCommand } from './guests-build.ts';
import { guestsFetchCommand } from './guests-fetch.ts';

/** What is told of a guest. */
interface GuestRow {
  readonly name: string;
  readonly guest: Guest;
  readonly state: GuestState;
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const stateText = (state: GuestState): string =>
  state.kind === 'to-fetch' ? 'to fetch' : state.kind === 'unavailable' ? `unavailable: ${state.why}` : state.kind;

const sizeText = (state: GuestState): string => ('size' in state && state.size > 0 ? mib(state.size) : '');

async function rows(): Promise<GuestRow[]> {
  return Promise.all(
    guestNames().map(async (name) => {
      const found = await findGuest(name);
      return { name, guest: found.guest, state: await guestState(found) };
    }),
  );
}

const PAINT: Readonly<Partial<Record<GuestState['kind'], (text: string) => string>>> = {
  'to-fetch': colours.yellow,
  unavailable: colours.red,
};

function table(guests: readonly GuestRow[]): string {
  const head = ['name', 'what it is', 'licence', 'size', 'state'];
  const names = Math.max(...guests.map(({ name }) => name.length));
  const left = (process.stdout.columns ?? 130) - names - 33;
  const widths = [names, Math.max(20, Math.ceil(left * 0.55)), Math.max(16, Math.floor(left * 0.45)), 10, 15];
  const rows = guests.map(({ name, guest, state }) => [
    ...[name, guest.title, guest.licence, sizeText(state)],
    (PAINT[state.kind] ?? colours.green)(stateText(state)),
  ]);
  return plainTable({ head, widths }, rows);
}

const json = ({ name, guest, state }: GuestRow): string => {
  const { title, shows, licence, memory } = guest;
  const { kind, ...details } = state;
  return JSON.stringify({ name, title, shows, licence, memory, state: kind, ...details });
};

const builder = (yargs: Argv) =>
  yargs
    .command(guestsFetchCommand)
    .command(guestsBuildCommand)
    .option('json', { type: 'boolean', default: false, describe: 'one JSON object for each guest, with what it shows' })
    .example('$0 guests', 'list the guests')
    .example('$0 guests fetch debian-6.1', 'fetch one, so that it runs without a network')
    .example('$0 guests --json', 'the same for programs');

type GuestsArguments = Awaited<ReturnType<typeof builder>['argv']>;

export const guestsCommand: CommandModule<object, GuestsArguments> = {
  command: 'guests',
  describe: 'list, fetch and build guests',
  builder: builder as never,
  handler: async (args) => {
    const guests = await rows();
    console.log(args.json ? guests.map(json).join('\n') : table(guests));
  },
};
