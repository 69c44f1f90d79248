import { virt } from '../../emulator/index.ts';
import { findIds } from './ids.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'thread-group',
  parameter: 'threadGroup',
  words:
    'Where threads share a process, each has an id of its own and one of the group. They are equal in the first thread; a further one takes the group’s from its creator: code copies that field, and no other id, from one structure to the same field of another.',
  source: 'tgid of Linux, CLIENT_ID of Windows NT',
  refutation: 'A thread that has the group of neither itself nor its creator',
  stage: 'threads',
  needs: ['current', 'processId'],
  infer(observations, found) {
    const ids = findIds(observations, found);
    if ('reason' in ids) return ids;
    if (!ids.group)
      return { reason: 'no second id was found that threads take from their creators: processes may be threads' };
    const { offset, via, creations } = ids.group;
    return {
      value: { offset, size: 4, ...(via === undefined ? {} : { via }) },
      confidence: 0.9,
      evidence: [
        { what: 'new threads in which it is equal to the id', count: creations.length },
        { what: 'copy of the field from one structure to another', at: virt(ids.inheritedAt!) },
      ],
    };
  },
});
