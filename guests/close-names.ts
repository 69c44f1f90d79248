// Names like a mistyped one.

/** Edits (insert, delete, replace a character) from one name to the other: Levenshtein's distance. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

/** At most three of `names` that `name` may have meant, nearest first: few edits away, or beginning with it. */
export function closeNames(name: string, names: readonly string[]): string[] {
  const short = name.slice(0, 64);
  return names
    .map((candidate) => ({ candidate, distance: editDistance(short, candidate), begins: candidate.startsWith(short) }))
    .filter(
      ({ candidate, distance, begins }) => (begins && short !== '') || distance <= Math.max(2, candidate.length / 3),
    )
    .sort((a, b) => Number(b.begins) - Number(a.begins) || a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
