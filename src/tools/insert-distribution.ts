import { type Context, defineTool } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { rejectsOption, streamOption, strictOption } from "../core/filter-options.ts";
import { quota } from "../core/quota.ts";
import { Tally } from "../core/tally.ts";
import {
  type CountOptions,
  countRule,
  freshnessOption,
  keysOption,
  maxCategoriesOption,
  otherOption,
  refusalTeller,
} from "../distribution/count-options.ts";
import { keyedEvents } from "../distribution/keyed-events.ts";
import type { EventAtHand } from "../records/event-reader.ts";
import type { MessagePaths } from "../records/message.ts";
import {
  idOption,
  keyOption,
  type MessageOptions,
  messagePaths,
  timeOption,
} from "../records/message-options.ts";
import type { Source } from "../sources/catalogue.ts";
import { eventShower, sourceOption } from "../sources/shown-events.ts";
import { BatchWriter } from "../store/batch-writer.ts";
import { redisOption } from "../store/connect.ts";
import { CountBatches } from "../store/count-batches.ts";
import type { Unnumbered } from "../store/gatherer.ts";
import { KnownEvents } from "../store/known-events.ts";
import type { CountBatch, CountsCommitted } from "../store/store.ts";
import {
  giveUpOption,
  passOption,
  type Recorder,
  type Recording,
  type StoreLinesOptions,
  storeLines,
} from "../store/store-lines.ts";

interface Options extends StoreLinesOptions, CountOptions, MessageOptions {
  readonly stream: string;
  readonly source?: Source | undefined;
}

/**
 * Messages that are read for samples at most, a second of our time. Live streams have three a second; a replay in a hurry
 * has thousands, which nobody could look at, and reading one costs as much as counting several events.
 */
const READ_MAX = 500;

export const run = defineTool<Options>({
  name: "insert-distribution",
  role: "filter",
  declare: (base) =>
    base
      .addOption(keysOption())
      .addOption(otherOption())
      .addOption(maxCategoriesOption())
      .addOption(freshnessOption())
      .addOption(passOption())
      .addOption(giveUpOption())
      .addOption(redisOption())
      .addOption(timeOption())
      .addOption(keyOption())
      .addOption(idOption())
      .addOption(sourceOption())
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Examples:
  $ bin/ingest | bin/insert-distribution
  $ bin/ingest --replay rsvps.ndjson --speed max | bin/insert-distribution --keys CA,NY,TX --other
  $ bin/insert-distribution --time mtime --key group.group_country --stream countries <rsvps.ndjson`,
      ),
  run: insertDistribution,
});

function insertDistribution(options: Options, context: Context): Promise<void> {
  const tally = new Tally("counted");
  for (const part of ["unkeyed", "left out", "refused", "ticks"]) tally.add(part, 0);
  const settings = { ...options, paths: messagePaths(options) };
  return storeLines(options, { context, tally }, (recording) =>
    eventRecorder(settings, recording, { context, tally }),
  );
}

/** Gives events and ticks to a writer. */
function eventRecorder(
  options: Options & { readonly paths: MessagePaths | undefined },
  { store, pass, stored, release }: Recording,
  { context, tally }: { context: Context; tally: Tally },
): Recorder {
  const rule = countRule(options);
  const tell = refusalTeller(options, context.log);
  const shownOf = eventShower({ source: options.source, raw: options.paths !== undefined });
  let current: EventAtHand | undefined;
  const hasTime = quota(READ_MAX, systemClock);
  const show = () => (hasTime() ? shownOf(current!) : undefined);
  const writer = new BatchWriter<Unnumbered<CountBatch>, CountBatches, CountsCommitted>({
    noun: "events",
    gather: (name) => new CountBatches(name, rule, show),
    commit: (batch, number) => store.commitCounts({ ...batch, ...number }),
    clock: systemClock,
    log: context.log,
    stored(counts, { refused }) {
      stored(counts);
      if (refused > 0 || (counts["refused"] ?? 0) > 0) tell();
      // What `other` took is counted; what nobody did is not.
      if (!options.other) stored({ counted: -refused, refused });
    },
    release,
  });

  const known = new KnownEvents({ store, clock: systemClock, log: context.log, signal: context.stop.signal });
  const lines = keyedEvents(
    { stream: options.stream, paths: options.paths },
    {
      event(event, category) {
        const { stream, t, at, message, line } = event;
        current = event;
        const cursor = event.cursor();
        const batches = writer.of(stream);
        if (cursor === undefined) batches.event(category, t, at);
        else if (known.isRepeat(event)) batches.repeated(t, at, cursor);
        else batches.event(category, t, at, { cursor, message });
        pass?.(line());
      },
      tick({ stream, at, connected, resumed: begun, line }) {
        const resumed = begun();
        if (resumed !== undefined) {
          known.begin(stream, resumed);
          writer.of(stream).begin(resumed.run, resumed.passed);
        }
        writer.of(stream).tick(at, connected);
        pass?.(line());
      },
    },
    tally,
  );
  return { writer, held: () => known.held(), isWhole: () => known.isInRun, ...lines };
}
