// Writes the archive that becomes the read-only file system: a count, a table of files, then their data.
// The reader is kernel/files/archive.c.

/** Bytes of a path in the table, its final 0 included (PATH_LENGTH in kernel/files/archive.h). */
const PATH_LENGTH = 24;
const ENTRY_SIZE = PATH_LENGTH + 8;
const ALIGNMENT = 4;

/**
 * Packs files into an archive. Two paths with the same bytes object share their data.
 * @param files contents by absolute path; sorted here, so that the order of insertion does not matter
 * @throws RangeError if a path is too long for the table
 */
export function packArchive(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const offsets = new Map<Uint8Array, number>();
  let end = 4 + entries.length * ENTRY_SIZE;
  for (const [path, data] of entries) {
    if (path.length >= PATH_LENGTH) {
      throw new RangeError(`pup archive: path ${path} has ${path.length} characters, at most ${PATH_LENGTH - 1} fit`);
    }
    if (offsets.has(data)) continue;
    offsets.set(data, end);
    end += Math.ceil(data.length / ALIGNMENT) * ALIGNMENT;
  }
  const archive = new Uint8Array(end);
  const view = new DataView(archive.buffer);
  view.setUint32(0, entries.length, true);
  entries.forEach(([path, data], index) => {
    const at = 4 + index * ENTRY_SIZE;
    const offset = offsets.get(data)!;
    archive.set(new TextEncoder().encode(path), at);
    view.setUint32(at + PATH_LENGTH, offset, true);
    view.setUint32(at + PATH_LENGTH + 4, data.length, true);
    archive.set(data, offset);
  });
  return archive;
}
