import { type Context, defineTool, Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption } from "../core/filter-options.ts";
import { parseInstant } from "../core/instant.ts";
import { parseNames } from "../core/lists.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { standardOutput } from "../core/output.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { statusLine } from "../core/status-line.ts";
import { formatCount, Tally } from "../core/tally.ts";
import { idOption, messagePaths, timeOption } from "../records/message-options.ts";
import type { TimePath } from "../records/time-path.ts";
import { archiveIndex } from "../sinks/objects/archive-index.ts";
import { archiveInput } from "../sinks/objects/archive-input.ts";
import { type BatchLimits, recoverBatches } from "../sinks/objects/batch-keeper.ts";
import { type Destination, openObjects, parseDestination } from "../sinks/objects/destination.ts";
import type { ObjectStore } from "../sinks/objects/object-store.ts";
import { parseBatchLimits } from "../sinks/objects/open-archiver.ts";
import { retention } from "../sinks/objects/retention.ts";
import { verifyArchive } from "../sinks/objects/verify.ts";
import { parseSource, type Source, sourceNamed } from "../sources/catalogue.ts";

/** Bad ones that are told one by one on standard error; all are on standard output. */
const TOLD_MAX = 10;

interface Options {
  readonly to?: Destination | undefined;
  readonly label?: string | undefined;
  readonly batch?: BatchLimits | undefined;
  readonly redact: readonly string[];
  /** Seconds. */
  readonly keep?: number | undefined;
  readonly pass: boolean;
  readonly giveUp: number;
  readonly list: boolean;
  readonly verify: boolean;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly source?: Source | undefined;
  readonly time?: TimePath | undefined;
  readonly id?: string | undefined;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

export const run = defineTool<Options>({
  name: "archive",
  role: ({ list, verify }) => (list || verify ? "source" : "filter"),
  declare: (base) =>
    base
      .addOption(new Option("--to <place>", "a folder, or gs://BUCKET[/PREFIX]").argParser(parseDestination))
      .addOption(
        new Option("--label <name>", "keep all messages under this name (default: their stream's)").argParser(
          parseLabel,
        ),
      )
      .addOption(
        new Option(
          "--batch <size/span>",
          "gzip'd batches, closed at this size or age, such as 64MB/5m (default: an object for each message)",
        ).argParser(parseBatchLimits),
      )
      .addOption(
        new Option("--redact <paths>", "replace the values at these paths by null")
          .argParser(parseNames)
          .default([] as readonly string[], "none"),
      )
      .addOption(
        new Option(
          "--keep <span>",
          "in a folder: remove what happened longer ago than this, of the labels of this run",
        ).argParser(parsePositiveSpan),
      )
      .option("--pass", "hand records on, once they are kept for good", false)
      .addOption(
        new Option("--give-up <span>", "wait this long at the end for a bucket that is away")
          .argParser(parsePositiveSpan)
          .default(60, "60s"),
      )
      .option("--list", "tell what is kept, a record each, in the order of time", false)
      .option("--verify", "read back what is kept and tell what is bad, a record each", false)
      .addOption(
        new Option("--from <time>", "with --list, --verify: what happened then or later").argParser(
          parseInstant,
        ),
      )
      .addOption(
        new Option("--until <time>", "with --list, --verify: what happened before").argParser(parseInstant),
      )
      .addOption(
        new Option(
          "--source <name>",
          "with --verify: messages are this source's (default: the one that the label is called after)",
        ).argParser(parseSource),
      )
      .addOption(timeOption())
      .addOption(idOption())
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
A message is LABEL/{id}_{second of its time}.json, byte for byte; where that name holds another one,
LABEL/{id}_{second}-{hash}.json. It counts as archived, and --pass hands it on, when the disk or the
bucket has it: file and folder synced, at most some thousand messages at a time. In batches that is when
it is synced to a journal (in the folder .open; for a bucket, where the toolkit keeps its state): what a
killed run leaves there the next one to the same place stores. ingest --replay reads an archive.

Examples:
  $ bin/ingest | bin/archive --to ./archive
  $ bin/ingest --source bluesky-jetstream | bin/archive --to gs://my-bucket/streams --batch 64MB/5m
  $ bin/archive --to ./archive --label rsvps --time mtime --id rsvp_id < rsvps.ndjson
  $ bin/archive --to ./archive --verify
  $ bin/ingest --replay ./archive/meetup-rsvps --speed max | bin/diff`,
      ),
  run: archive,
});

/** A label is a name in a folder, or several joined by `/`; what begins with a point is ours. */
function parseLabel(text: string): string {
  if (/^[\w~%-][\w.~%-]{0,199}(\/[\w~%-][\w.~%-]{0,199})*$/.test(text)) return text;
  throw new ToolError(
    "usage",
    `expected a name of letters, digits, _ - . and /, got ${JSON.stringify(text)}`,
  );
}

async function archive(options: Options, context: Context): Promise<void> {
  const { to, list, verify, from, until, keep } = options;
  if (to === undefined) throw new ToolError("usage", "--to: expected a folder or gs://BUCKET, got none");
  if (list && verify) throw new ToolError("usage", "--list and --verify: expected one of them, got both");
  if (!list && !verify && (from ?? until) !== undefined)
    throw new ToolError("usage", "--from and --until are of --list and --verify");
  if (keep !== undefined && to.kind === "bucket") {
    throw new ToolError("usage", "--keep: expected a folder; a bucket has lifecycle rules for that");
  }
  const store = await openObjects(to, context.log);
  if (list) return listArchive(options, store, context);
  if (verify) return verifyAll(options, store, context);
  const giveUp = context.stop.signal;
  await recoverBatches(store, { log: context.log, giveUp });
  const old = retention({ store, keep, log: context.log });
  if (options.label !== undefined) await old.see(options.label);
  try {
    const paths = messagePaths(options);
    await archiveInput(
      { ...options, store, label: options.label, batch: options.batch, paths, labelled: old.see },
      { context, tally: new Tally("archived") },
    );
  } finally {
    await old.end(context.stop.signal);
  }
}

const indexOf = (
  store: ObjectStore,
  { label, from = 0, until = Number.POSITIVE_INFINITY }: Options,
  giveUp: AbortSignal,
) => archiveIndex(store, { prefix: label === undefined ? "" : `${label}/`, span: { from, until }, giveUp });

async function listArchive(options: Options, store: ObjectStore, context: Context): Promise<void> {
  const tally = new Tally("listed", "found");
  context.conclude(tally);
  const { entries, foreign } = await indexOf(store, options, context.stop.signal);
  tally.read = entries.length + foreign;
  tally.add("foreign", foreign);
  const standard = standardOutput();
  const output = recordOutput(standard);
  for (const { t, label, name, bytes, ...entry } of entries) {
    if (context.stop.signal.aborted || standard.gone.aborted) break;
    tally.add("listed");
    output.write({ t, ...(entry.kind === "batch" && { last: entry.last }), label, name, bytes });
    await output.ready();
  }
  const left = entries.length - tally.count("listed");
  if (left > 0) tally.add("not listed", left);
  await output.end();
}

async function verifyAll(options: Options, store: ObjectStore, context: Context): Promise<void> {
  const tally = new Tally("whole", "found");
  context.conclude(tally);
  const { entries, foreign } = await indexOf(store, options, context.stop.signal);
  tally.read = entries.length + foreign;
  tally.add("foreign", foreign);
  const output = recordOutput(standardOutput());
  const given = messagePaths(options) ?? options.source?.paths;
  const close = statusLine(
    context,
    () => `${formatCount(tally.count("whole"))} whole, ${formatCount(tally.count("bad"))} bad`,
  );
  const checked = ({ name, t, label, bytes }: (typeof entries)[number], fault: string | undefined) => {
    tally.add(fault === undefined ? "whole" : "bad");
    if (fault === undefined) return;
    output.write({ t, label, name, bytes, fault });
    if (tally.count("bad") <= TOLD_MAX) context.log.error(`${name}: ${fault}`, { name, fault });
  };
  const pathsOf = (label: string) => given ?? sourceNamed(label)?.paths;
  try {
    await verifyArchive({ store, entries, pathsOf, stop: context.stop.signal, checked });
  } finally {
    close();
    const left = entries.length - tally.count("whole") - tally.count("bad");
    if (left > 0) tally.add("not checked", left);
  }
  await output.end();
  const bad = tally.count("bad");
  if (bad > 0)
    throw new ToolError("badInput", `${store.shown}: ${bad} of ${entries.length} are bad`, {
      facts: { bad },
    });
}
