// Runs gcc and binutils, and says which versions of them the committed images come from.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The packages of Debian 12 (bookworm, amd64) that the committed images were built with, and how each names itself. */
export const EXPECTED_TOOLS = [
  { command: 'gcc', package: 'gcc-12 12.2.0-14+deb12u1', version: 'gcc (Debian 12.2.0-14+deb12u1) 12.2.0' },
  { command: 'ld', package: 'binutils 2.40-2', version: 'GNU ld (GNU Binutils for Debian) 2.40' },
  { command: 'as', package: 'binutils 2.40-2', version: 'GNU assembler (GNU Binutils for Debian) 2.40' },
] as const;

/** A tool is missing or refused its input; the message holds the command and what it printed. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

// Tools that would speak the user's language, or find files by the environment, would not build the same everywhere.
const ENVIRONMENT = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' };

/**
 * Runs a tool to its end.
 * @param cwd folder to run in: paths are given relative to it, so that none of this machine's gets into the output
 * @returns what it printed on its standard output
 * @throws ToolError
 */
export async function runTool(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await execute(command, [...args], { cwd, env: ENVIRONMENT, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') {
      throw new ToolError(
        `pup: ${command} is not installed; building needs gcc and binutils (Debian: apt install gcc binutils). The images in guests/pup/images need no build.`,
      );
    }
    throw new ToolError(`pup: ${command} ${args.join(' ')} failed:\n${stderr ?? String(error)}`);
  }
}

/** The installed tools that are not the expected ones, as lines of text; empty if all are. */
export async function toolDifferences(): Promise<string[]> {
  const differences: string[] = [];
  for (const { command, package: expected, version } of EXPECTED_TOOLS) {
    const found = (await runTool(command, ['--version'], '.')).split('\n', 1)[0]!;
    if (found !== version) differences.push(`${command}: expected "${version}" (${expected}), found "${found}"`);
  }
  return differences;
}
