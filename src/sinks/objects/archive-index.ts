import { decodeObjectName, type ObjectName } from "./object-name.ts";
import type { ObjectStore } from "./object-store.ts";

/** A span of event time: `from` is in it, `until` is not. ms since the Unix epoch. */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
}

/** An object of the archive: a message, or a batch of them. */
export type ArchiveEntry = ObjectName & { readonly name: string; readonly bytes: number };

/** The last second or ms of an entry, ms: an object's name tells its second only. */
export const lastOf = (entry: ObjectName): number => (entry.kind === "batch" ? entry.last : entry.t + 999);

/** May hold messages of the span. */
const isWithin = (entry: ObjectName, { from, until }: TimeSpan): boolean =>
  lastOf(entry) >= from && entry.t < until;

/**
 * What an archive holds of a span, in the order of its times; names that are none of the archive's own are left out.
 *
 * @param prefix a label and `/`, or nothing for all. Holds the names, about a hundred bytes each.
 */
export async function archiveIndex(
  store: ObjectStore,
  { prefix, span, giveUp }: { prefix: string; span: TimeSpan; giveUp: AbortSignal },
): Promise<{ entries: ArchiveEntry[]; foreign: number }> {
  const entries: ArchiveEntry[] = [];
  let foreign = 0;
  for await (const { name, bytes } of store.list(prefix, giveUp)) {
    const decoded = decodeObjectName(name);
    if (decoded === undefined) foreign++;
    else if (isWithin(decoded, span)) entries.push({ ...decoded, name, bytes });
  }
  entries.sort((a, b) => a.t - b.t || (a.name < b.name ? -1 : 1));
  return { entries, foreign };
}
