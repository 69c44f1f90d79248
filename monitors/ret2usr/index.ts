// The return-to-user detector as a monitor: see README.md.
import { x86 } from '../../emulator/index.ts';
import type { Monitor, MonitorContext } from '../monitor.ts';
import type { ParameterName } from '../parameters.ts';
import { type Blindness, MODES, type Mode, Ret2UserDetector } from './detector.ts';
import { violationRecord, violationText } from './text.ts';

export { type Blindness, MODES, type Mode, Ret2UserDetector, type Violation } from './detector.ts';
export type { UserMapping } from './owners.ts';
export { violationText } from './text.ts';
export type { Transfer, TransferKind } from './transfer.ts';

const OPTIONAL = [
  ...(['current', 'processId', 'threadGroup', 'name', 'parent', 'kernelSplit'] as const),
] satisfies readonly ParameterName[];

const WHY: Readonly<Record<Blindness, string>> = {
  'no-user-code-yet': 'no program has run: there was no code of the user’s that could be reached',
  'kernel-on-user-pages': 'this kernel has its own code on pages of the user’s: an attack can’t be told from it',
};

function modeOf({ options }: MonitorContext): Mode {
  const { mode = 'block', ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new RangeError(`ret2usr.${other}: expected the option mode, found another`);
  const found = MODES.find((one) => one === mode);
  if (found) return found;
  throw new RangeError(`ret2usr.mode: expected ${MODES.join(' or ')}, found ${mode}`);
}

/** Why something is not shown, by parameter. */
function missing({ parameters }: MonitorContext): Record<string, string> {
  return Object.fromEntries(
    OPTIONAL.flatMap((name) => {
      const parameter = parameters[name];
      return parameter.state === 'unknown' ? [[name, parameter.reason]] : [];
    }),
  );
}

const monitor: Monitor = {
  name: 'ret2usr',
  needs: { required: [], optional: OPTIONAL },
  async attach(machine, context) {
    const mode = modeOf(context);
    const decoder = await x86.loadDecoder();
    const detector = new Ret2UserDetector(machine, decoder, context.parameters, mode, (violation) =>
      context.tell(violationRecord(violation), violationText(violation)),
    );
    return {
      summary: () => ({
        ...{ mode, blind: detector.blind, pages: detector.pages, ...detector.counts },
        unknown: missing(context),
      }),
      text: () => {
        const { violations, repeated, released } = detector.counts;
        const blind = detector.blind && [`nothing was watched: ${WHY[detector.blind]}`];
        const done = mode === 'block' ? 'blocked' : 'reported';
        const counts = `${violations} ${done}, and ${repeated} more tries at the same; ${detector.pages} translations of user pages seen, ${released} pages gone back to the kernel`;
        const unknown = Object.entries(missing(context)).map(([name, reason]) => `unknown: ${name}: ${reason}`);
        return [...(blind ?? []), counts, ...unknown].join('\n');
      },
      events: () => detector.pages,
      [Symbol.dispose]: () => detector[Symbol.dispose](),
    };
  },
};

export default monitor;
