import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption } from "../core/filter-options.ts";
import { parseNames } from "../core/lists.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import type { CountRule } from "../distribution/count-rule.ts";
import { type EventAtHand, eventReader } from "../records/event-reader.ts";
import type { MessagePaths } from "../records/message.ts";
import {
  idOption,
  keyOption,
  type MessageOptions,
  messagePaths,
  timeOption,
} from "../records/message-options.ts";
import { BatchWriter } from "../store/batch-writer.ts";
import { redisOption } from "../store/connect.ts";
import { CountBatches } from "../store/count-batches.ts";
import type { Unnumbered } from "../store/gatherer.ts";
import type { CountBatch, CountsCommitted } from "../store/store.ts";
import {
  giveUpOption,
  passOption,
  type Recorder,
  type Recording,
  type StoreLinesOptions,
  storeLines,
} from "../store/store-lines.ts";

interface Options extends StoreLinesOptions, MessageOptions {
  readonly keys?: readonly string[] | undefined;
  readonly other: boolean;
  readonly maxCategories: number;
  readonly lateness: number;
  readonly stream: string;
}

/** The category of what `--keys` and `--max-categories` leave over. */
const OTHER = "other";
/** Longest name of a category, characters: more is some other text, taken for one. */
const KEY_CHARS_MAX = 256;
/** Categories that may be asked for: a reading gives them all. */
const CATEGORIES_MAX = 10_000;

export const run = defineTool<Options>({
  name: "insert-distribution",
  role: "filter",
  declare: (base) =>
    base
      .addOption(
        new Option("--keys <list>", "count only these categories, such as CA,NY").argParser(parseNames),
      )
      .option("--other", `count events of other categories as one, called ${OTHER}`, false)
      .addOption(
        new Option("--max-categories <number>", "events of further categories count as of none, or as other")
          .argParser(parseCategories)
          .default(1000),
      )
      .addOption(
        new Option("--lateness <span>", "how late an event may arrive and still be fresh")
          .argParser(parsePositiveSpan)
          .default(5, "5s"),
      )
      .addOption(passOption())
      .addOption(giveUpOption())
      .addOption(redisOption())
      .addOption(timeOption())
      .addOption(keyOption())
      .addOption(idOption())
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

function parseCategories(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= CATEGORIES_MAX) return number;
  throw new ToolError(
    "usage",
    `expected a whole number from 1 to ${CATEGORIES_MAX}, got ${JSON.stringify(text)}`,
  );
}

async function insertDistribution(options: Options, context: Context): Promise<void> {
  const tally = new Tally("counted");
  for (const part of ["unkeyed", "refused", "ticks"]) tally.add(part, 0);
  const settings = { ...options, paths: messagePaths(options) };
  return storeLines(options, { context, tally }, (recording) =>
    eventRecorder(settings, recording, { context, tally }),
  );
}

const ruleOf = ({ lateness, maxCategories, keys, other }: Options): CountRule => ({
  latenessMs: lateness * 1000,
  categoriesMax: maxCategories,
  keys: keys === undefined ? undefined : new Set(keys),
  other: other ? OTHER : undefined,
});

/** Gives events and ticks to a writer. */
function eventRecorder(
  options: Options & { readonly paths: MessagePaths | undefined },
  { store, pass, stored, release }: Recording,
  { context, tally }: { context: Context; tally: Tally },
): Recorder {
  const rule = ruleOf(options);
  const tell = refusalTeller(options, context);
  const writer = new BatchWriter<Unnumbered<CountBatch>, CountBatches, CountsCommitted>({
    noun: "events",
    gather: (name) => new CountBatches(name, rule),
    commit: (batch, number) => store.commitCounts({ ...batch, ...number }),
    clock: systemClock,
    log: context.log,
    stored(counts, { refused }) {
      stored(counts);
      if (refused > 0) tell();
      // What `other` took is counted; what nobody did is not.
      if (!options.other) stored({ counted: -refused, refused });
    },
    release,
  });

  let fault: string | undefined;
  function count({ stream, t, at, key, line }: EventAtHand): void {
    const category = key();
    if (category !== null && category.length > KEY_CHARS_MAX) {
      fault = `expected a key of at most ${KEY_CHARS_MAX} characters, got ${category.length}`;
      return;
    }
    writer.of(stream).event(category, t, at);
    pass?.(line());
  }
  const reader = eventReader(
    { stream: options.stream, paths: options.paths },
    {
      event: count,
      tick({ stream, at, connected, line }) {
        writer.of(stream).tick(at, connected);
        pass?.(line());
      },
      ignored: () => tally.add("ignored"),
      ahead: () => tally.add("ahead"),
    },
  );
  return {
    writer,
    line(buffer, start, end) {
      fault = undefined;
      return reader.line(buffer, start, end) ?? fault;
    },
    end() {
      fault = undefined;
      reader.end();
      if (fault !== undefined) tally.add("bad");
    },
  };
}

/** Says once that there are too many categories. */
function refusalTeller({ maxCategories, other }: Options, { log }: Context): () => void {
  let told = false;
  return () => {
    if (told) return;
    told = true;
    const fate = other ? `as ${OTHER}` : "as of no category (--other counts them as one)";
    log.warning(
      `more than ${maxCategories} categories: events of further ones count ${fate}; is the key an id? --keys and --max-categories choose`,
      { maxCategories },
    );
  };
}
