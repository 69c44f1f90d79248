// A profile of what was inferred.
import { type VirtAddr, virt, x86 } from '../../emulator/index.ts';
import type { ParameterName } from '../parameters.ts';
import {
  checkProfile,
  findAnchor,
  PARAMETER_NAMES,
  PROFILE_VERSION,
  type Profile,
  relativeAddress,
  stored,
  takePiece,
} from '../profile/index.ts';
import { type Conclusion, type Inference, WHOLE_RUN } from './infer.ts';

/** Pieces of code by which the kernel is recognised. */
const PIECES = 16;

/** No profile can be made of a guest. The message says why. */
export class InferenceError extends Error {
  override readonly name = 'InferenceError';
}

/** Makes a profile. @throws InferenceError when no program ran, or the kernel has nothing that the CPU knows, so that no boot could be recognised. */
export async function makeProfile(guest: string, { conclusions, observations }: Inference): Promise<Profile> {
  const { machine, trace, entries } = observations;
  if (!entries.programs)
    throw new InferenceError(
      `${guest}: expected a kernel with programs, found that nothing ran at CPL 3, in ${WHOLE_RUN / 1000} virtual seconds from power-on or at its prompt: there is nothing to be inferred`,
    );
  const anchor = findAnchor(machine);
  if (!anchor)
    throw new InferenceError(
      `${guest}: expected a kernel that handles exceptions, found none: no profile of it could be recognised in another boot`,
    );
  const { address, ...form } = anchor;
  const split = conclusions.get('kernelSplit')?.finding;
  const decoder = await x86.loadDecoder();
  const code = pieceAddresses(trace.executed)
    .map((at) =>
      takePiece(
        machine,
        decoder,
        at,
        address,
        split && 'value' in split ? (split.value as VirtAddr) : virt(0x80000000),
      ),
    )
    .filter((piece) => piece !== undefined);
  const parameters = PARAMETER_NAMES.map((name) => [name, parameterOf(name, conclusions.get(name)!, address)]);
  return checkProfile(
    { version: PROFILE_VERSION, guest, anchor: form, code, parameters: Object.fromEntries(parameters) },
    guest,
  );
}

/** Instructions that ran, spread evenly over the code: they begin where an instruction begins. */
function pieceAddresses(executed: ReadonlyMap<number, number>): VirtAddr[] {
  const all = [...executed.keys()].sort((a, b) => a - b);
  const step = Math.max(1, Math.floor(all.length / PIECES));
  return all
    .filter((_, index) => index % step === 0)
    .slice(0, PIECES)
    .map(virt);
}

function parameterOf(name: ParameterName, { finding, pattern }: Conclusion, anchor: VirtAddr): unknown {
  if ('reason' in finding)
    return { state: 'unknown', reason: finding.reason, ...(pattern ? { pattern: pattern.name } : {}) };
  const { value, confidence, evidence } = finding;
  return {
    ...{ state: 'known', value: stored(name, value as never, anchor), confidence },
    evidence: evidence.map(({ at, ...rest }) => ({
      ...rest,
      ...(at === undefined ? {} : { at: relativeAddress(at, anchor) }),
    })),
    ...{ refutation: pattern!.refutation, pattern: pattern!.name, source: 'inferred' },
  };
}
