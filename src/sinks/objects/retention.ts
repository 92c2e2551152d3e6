import { existsSync } from "node:fs";
import { systemClock } from "../../core/clock.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { aborted } from "../../core/signals.ts";
import { formatSpan } from "../../core/spans.ts";
import { archiveIndex, lastOf } from "./archive-index.ts";
import type { ObjectStore } from "./object-store.ts";

/** How many go at a time. */
const REMOVALS_MAX = 1000;
/** How often what is too old is looked for, ms. */
const RETENTION_MS = 3_600_000;
/** Names of an earlier second are nobody's message but somebody's number, ms: nine digits of seconds, 1973. */
const EARLIEST_MS = 100_000_000_000;

/** Removes what is too old of the labels that it is told of, and of no others. */
export interface Retention {
  /** A label of this run: what is too old of it goes now, unless it was told before, and each hour. */
  see(label: string): Promise<void>;
  /** Ends it, once what is under way is done. @param hurry aborts when that is not to be waited for. */
  end(hurry: AbortSignal): Promise<void>;
}

export interface RetentionOptions {
  readonly store: ObjectStore;
  /** Seconds since it happened; undefined: all is kept. */
  readonly keep: number | undefined;
  readonly log: Log;
}

/** Failures are told, and the next hour tries again. A bucket has its own rules for what is too old. */
export function retention({ store, keep, log }: RetentionOptions): Retention {
  const { removeAll, folder } = store;
  const labels = new Set<string>();
  let work = Promise.resolve();
  if (removeAll === undefined || keep === undefined) return { see: async () => {}, end: async () => {} };

  const remove = async (label: string): Promise<void> => {
    if (folder !== undefined && !existsSync(`${folder}/${label}`)) return;
    const before = systemClock.now() - keep * 1000;
    const removed = await removeOlder({ ...store, removeAll }, { label, before });
    const facts = { label, removed };
    if (removed > 0)
      log.notice(`${label}: removed ${removed} that are older than ${formatSpan(keep)}`, facts);
  };
  /** One after another: a folder is listed by one at a time. */
  function removeNext(label: string): void {
    work = work
      .then(() => remove(label))
      .catch((error: unknown) => log.warning(`--keep: ${label}: ${reasonOf(error)}`));
  }
  const timer = setInterval(() => labels.forEach(removeNext), RETENTION_MS).unref();
  return {
    async see(label) {
      if (labels.has(label)) return;
      labels.add(label);
      removeNext(label);
      await work;
    },
    async end(hurry) {
      clearInterval(timer);
      await Promise.race([work, aborted(hurry)]);
    },
  };
}

/**
 * Removes what a label has of before `before`, ms: objects of an earlier second, batches whose newest message is older.
 * What is not named as the archive names things is left alone, and so are objects of before 1973, for a file of somebody
 * else may end with a small number too. Holds the names that are to go.
 * @returns how many went.
 */
async function removeOlder(
  store: ObjectStore & Required<Pick<ObjectStore, "removeAll">>,
  { label, before }: { label: string; before: number },
): Promise<number> {
  const never = new AbortController().signal;
  const span = { from: EARLIEST_MS, until: before };
  const { entries } = await archiveIndex(store, { prefix: `${label}/`, span, giveUp: never });
  // A label that begins with this one and a slash is another one.
  const names = entries
    .filter((entry) => entry.label === label && entry.t >= EARLIEST_MS && lastOf(entry) < before)
    .map(({ name }) => name);
  for (let at = 0; at < names.length; at += REMOVALS_MAX)
    await store.removeAll(names.slice(at, at + REMOVALS_MAX));
  return names.length;
}
