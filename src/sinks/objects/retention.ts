import { existsSync } from "node:fs";
import { systemClock } from "../../core/clock.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { formatSpan } from "../../core/spans.ts";
import { archiveIndex, lastOf } from "./archive-index.ts";
import type { ObjectStore } from "./object-store.ts";

/** How many go at a time. */
const REMOVALS_MAX = 1000;
/** How often what is too old is looked for, ms. */
const RETENTION_MS = 3_600_000;

/**
 * Removes what is older than `keep`, s, now and each hour; a bucket has its own rules for that.
 * @returns what ends it. @throws ToolError (io, permission) the first time; later failures are told.
 */
export async function retention(store: ObjectStore, keep: number, log: Log): Promise<() => void> {
  const { removeAll, folder } = store;
  if (removeAll === undefined) return () => {};
  const remove = async () => {
    if (folder !== undefined && !existsSync(folder)) return;
    const removed = await removeOlder({ ...store, removeAll }, systemClock.now() - keep * 1000);
    if (removed > 0) log.notice(`removed ${removed} that are older than ${formatSpan(keep)}`, { removed });
  };
  await remove();
  const timer = setInterval(
    () => remove().catch((error: unknown) => log.warning(`--keep: ${reasonOf(error)}`)),
    RETENTION_MS,
  );
  return () => clearInterval(timer);
}

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
