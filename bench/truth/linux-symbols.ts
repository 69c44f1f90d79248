// Symbols of a running Linux, from its own /proc/kallsyms: which function holds an address, in this boot.
import type { Machine } from '../../emulator/index.ts';

/** Gives a command to the shell and takes what it prints. */
export async function shell(machine: Machine, line: string): Promise<string> {
  const mark = 'end-of-answer';
  const from = machine.console.text.length;
  machine.type(`${line}; echo ${mark.slice(0, 3)}""${mark.slice(3)}\n`);
  const end = () => machine.console.text.indexOf(`${mark}\r\n`, from);
  await machine.run({ until: () => end() >= 0, for: 120_000 });
  if (end() < 0) throw new Error(`"${line}" was not answered: ${machine.console.text.slice(-300)}`);
  const text = machine.console.text.slice(from, end());
  // The line itself comes first where it is echoed, the prompt where it is not.
  const answer = text.includes(line) ? text.slice(text.indexOf('\r\n') + 2) : text.replace(/^# /, '');
  return answer.replaceAll('\r\n', '\n');
}

/** Symbols of the function that holds an address: several names may be for one place, as of entries and of the linker script's marks. */
export type SymbolsOf = (address: number) => readonly string[];

const hex = (address: number): string => (address >>> 0).toString(16).padStart(8, '0');

/** Looks up addresses, all in one pass, and the addresses of names. */
export async function linuxSymbols(
  machine: Machine,
  addresses: readonly number[],
  names: readonly string[],
): Promise<{ readonly symbolsOf: SymbolsOf; readonly addressOf: (name: string) => number }> {
  await shell(machine, 'echo 0 > /proc/sys/kernel/kptr_restrict');
  const sorted = [...new Set(addresses)].sort((a, b) => a - b).map(hex);
  await shell(machine, `stty -echo; rm -f /tmp/wanted; touch /tmp/wanted`);
  // Lines that a terminal takes are not longer than a few thousand characters.
  for (let at = 0; at < sorted.length; at += 40)
    await shell(machine, `echo ${sorted.slice(at, at + 40).join(' ')} >> /tmp/wanted`);
  const program = `BEGIN{n=0;k=0}FNR==NR{for(i=1;i<=NF;i++)w[n++]=$i;next} /^0*[0-9a-f]* [tTwW] /{while(k<n&&$1>w[k]){print w[k],l;k++} l=$1==a?l" "$3:$3;a=$1}`;
  const found = await shell(machine, `awk '${program}' /tmp/wanted /proc/kallsyms`);
  const symbols = new Map(
    found
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([address, ...found]) => [address!, found] as const),
  );
  const listed = await shell(machine, `grep -E ' (${names.join('|')})$' /proc/kallsyms`);
  const places = new Map(
    listed
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[2]!, Number.parseInt(line.split(' ')[0]!, 16)]),
  );
  return {
    symbolsOf: (address) => symbols.get(hex(address)) ?? [],
    addressOf: (name) => places.get(name) ?? Number.NaN,
  };
}
