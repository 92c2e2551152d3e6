import { systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Archiver } from "../sinks/objects/archiver.ts";
import { recoverBatches } from "../sinks/objects/batch-keeper.ts";
import { openObjects } from "../sinks/objects/destination.ts";
import { openArchiver } from "../sinks/objects/open-archiver.ts";
import { retention } from "../sinks/objects/retention.ts";
import type { ArchiveSettings } from "./config.ts";
import type { ArchiveCounts } from "./report.ts";

/** The archive of all streams. */
export interface ArchivePart {
  readonly counts: ArchiveCounts;
  /** Makes what keeps messages; it tells `release` of those that are kept for good. */
  readonly archiver: (release: (marks: readonly Buffer[]) => void) => Archiver;
  close(): Promise<void>;
}

/** Opens it, finishes what a killed run left open, and removes what is too old. @throws ToolError. */
export async function openArchive(
  { to, batch, keep }: ArchiveSettings,
  {
    labels,
    log,
    stop,
  }: { readonly labels: readonly string[]; readonly log: Log; readonly stop: AbortSignal },
): Promise<ArchivePart> {
  const store = await openObjects(to, log);
  await recoverBatches(store, { log, giveUp: stop });
  const old = retention({ store, keep, log });
  for (const label of labels) await old.see(label);
  const counts = { archived: 0, there: 0 };
  return {
    counts,
    archiver: (release) =>
      openArchiver({
        ...{ store, batch, clock: systemClock, log, release },
        stored({ archived, there }) {
          counts.archived += archived;
          counts.there += there;
        },
      }),
    close: () => old.end(stop),
  };
}
