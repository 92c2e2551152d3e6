import { archiveIndex, lastOf } from "./archive-index.ts";
import type { ObjectStore } from "./object-store.ts";

/** How many go at a time. */
const REMOVALS_MAX = 1000;

/**
 * Removes what is older than `before`, ms: objects of an earlier second, batches whose newest message is older. What is
 * not named as the archive names things is left alone. Holds the names that are to go.
 * @returns how many went.
 */
export async function removeOlder(
  store: ObjectStore & Required<Pick<ObjectStore, "removeAll">>,
  before: number,
): Promise<number> {
  const { entries } = await archiveIndex(store, { prefix: "", span: { from: 0, until: before } });
  const names = entries.filter((entry) => lastOf(entry) < before).map(({ name }) => name);
  for (let at = 0; at < names.length; at += REMOVALS_MAX)
    await store.removeAll(names.slice(at, at + REMOVALS_MAX));
  return names.length;
}
