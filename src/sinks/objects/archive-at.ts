import { statSync } from "node:fs";
import type { TakeChunk } from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { type MessagePaths, messageReader } from "../../records/message.ts";
import { archiveIndex } from "./archive-index.ts";
import { readArchive } from "./archive-lines.ts";
import { openObjects, parseDestination } from "./destination.ts";

/** A place names an archive, not a file: a folder, or a bucket. */
export const isArchive = (place: string): boolean =>
  place.startsWith("gs://") || statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;

export interface ArchiveAtOptions {
  /** ms since the Unix epoch. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  /** Where its messages have their time. */
  readonly paths: MessagePaths;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/**
 * Gives the messages of all labels of an archive, or of the one that the place names, a line each, in the order of their
 * times. @throws ToolError (usage, io, permission, unavailable, configuration).
 */
export async function readArchiveAt(
  place: string,
  { from = 0, until = Number.POSITIVE_INFINITY, paths, log, stop }: ArchiveAtOptions,
  take: TakeChunk,
): Promise<void> {
  const store = await openObjects(parseDestination(place), log);
  const span = { from, until };
  const { entries, foreign } = await archiveIndex(store, { prefix: "", span, giveUp: stop });
  if (entries.length === 0) {
    log.warning(`${place}: nothing of an archive is there of this time`, { foreign });
    return;
  }
  if (foreign > 0)
    log.notice(`${place}: ${foreign} files are not named as an archive names them; left out`, { foreign });
  const { head, read } = messageReader({ time: paths.time });
  const timeOf = (buffer: Buffer, start: number, end: number) =>
    read(buffer, start, end) === "ok" ? head.t : undefined;
  await readArchive({ store, entries, span, timeOf, stop }, take);
}
