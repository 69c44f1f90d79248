// wolfden guests fetch: gets everything that guests need into the cache.
import type { Argv, CommandModule } from 'yargs';
import { findGuest, type GuestError, guestNames, prepareGuest } from '../../guests/index.ts';
import { EXIT } from '../exit-code.ts';
import { CommandError, messageOf, UsageError } from '../failure.ts';
import { once } from '../guest-options.ts';
import { interruptible } from '../interruption.ts';
import { Progress } from '../progress.ts';

const builder = (yargs: Argv) =>
  yargs
    .positional('name', { type: 'string', describe: 'name of a guest, or path of a guest file' })
    .options({
      all: { type: 'boolean', default: false, describe: 'fetch all guests' },
      mirror: { type: 'string', requiresArg: true, describe: "Debian mirror in place of the machine's own" },
      deb: { type: 'string', requiresArg: true, describe: 'Debian package with the kernel, for a machine without apt' },
    })
    .example('$0 guests fetch debian-6.1', 'fetch one guest')
    .example('$0 guests fetch --all', 'fetch all of them')
    .example('$0 guests fetch debian-6.1 --deb linux-image.deb', 'take the kernel from a package that you have')
    .epilogue('What is fetched is checked against its hash. Ctrl-C leaves no partial file; fetching again goes on.');

type FetchArguments = Awaited<ReturnType<typeof builder>['argv']>;

/** The guests that were named. @throws UsageError */
function chosen({ name, all, deb }: FetchArguments): string[] {
  if (all && deb !== undefined) throw new UsageError('--deb: expected with the NAME of one guest, found --all');
  if (all === (name !== undefined))
    throw new UsageError('guests fetch: expected either a NAME or --all; see wolfden guests');
  return all ? guestNames() : [name!];
}

async function fetchGuest(name: string, args: FetchArguments, signal: AbortSignal): Promise<void> {
  const progress = new Progress(process.stderr);
  const options = { mirror: once('mirror', args.mirror), deb: once('deb', args.deb), progress: progress.show, signal };
  const { origin } = await prepareGuest(await findGuest(name), options).finally(() => progress.end());
  const from = origin ? `${origin.package} ${origin.version} (checked by ${origin.verifiedBy})` : 'embedded';
  console.log(`${name}: ${from}`);
}

/** Fetches one guest after the other; one that fails keeps no other from being fetched. */
async function fetchAll(names: readonly string[], args: FetchArguments, signal: AbortSignal): Promise<void> {
  const failed: string[] = [];
  for (const name of names) {
    try {
      await fetchGuest(name, args, signal);
    } catch (error) {
      if (names.length === 1 || signal.aborted || (error as GuestError).trouble === 'disk-full') throw error;
      console.error(`${name}: ${messageOf(error)}`);
      failed.push(name);
    }
  }
  if (failed.length > 0)
    throw new CommandError(`${failed.length} of ${names.length} guests: ${failed.join(', ')} could not be fetched`);
  process.exitCode = EXIT.ok;
}

export const guestsFetchCommand: CommandModule<object, FetchArguments> = {
  command: 'fetch [name]',
  describe: 'get guests into the cache',
  builder: builder as never,
  handler: (args) => interruptible((signal) => fetchAll(chosen(args), args, signal)),
};
