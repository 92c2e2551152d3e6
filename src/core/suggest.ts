/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`: optimal string alignment. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** What is longer is no slip, and would take long to compare, characters. */
const TYPED_CHARS_MAX = 64;

/** The known name nearest to what was typed, if it is near enough to be a slip: ` (did you mean X?)`, else nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  if (typed.length > TYPED_CHARS_MAX) return "";
  const editsMax = Math.max(2, typed.length / 3);
  const ranked = known
    // As many edits as their lengths differ are needed at least.
    .filter((name) => Math.abs(name.length - typed.length) <= editsMax)
    .map((name) => ({ name, edits: distance(typed.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= editsMax ? ` (did you mean ${best.name}?)` : "";
}
