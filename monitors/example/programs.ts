// A monitor of one's own: tells which programs the guest executes, by path. Where the path is comes from what was inferred of the kernel.
import { virt } from '../../emulator/index.ts';
import type { Monitor } from '../monitor.ts';
import { known } from '../parameters.ts';

const monitor: Monitor = {
  name: 'programs',
  needs: { required: ['replaceCalls'], optional: [] },
  attach(machine, { parameters, tell }) {
    const places = new Map(known(parameters, 'replaceCalls')!.map((call) => [call.number, call.pathArgument]));
    const paths = new Map<string, number>();
    machine.on('syscall', ({ number, cpu }) => {
      const place = places.get(number);
      if (place === undefined) return;
      const pointer =
        typeof place === 'string' ? cpu[place] : machine.memory.readWord(virt(cpu[place.register] + place.offset));
      const path = pointer === undefined ? undefined : machine.memory.readString(virt(pointer));
      if (typeof path !== 'string') return;
      paths.set(path, (paths.get(path) ?? 0) + 1);
      tell({ path }, `executes ${path}`);
    });
    return { summary: () => Object.fromEntries(paths), events: () => paths.size };
  },
};

export default monitor;
