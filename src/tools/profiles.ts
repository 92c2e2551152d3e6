import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { environmentVariable } from "../core/environment.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine, type LineLoop } from "../core/line-loop.ts";
import { parseNames } from "../core/lists.ts";
import type { Log } from "../core/log.ts";
import { type Output, standardOutput } from "../core/output.ts";
import { formatNumber, parsePositiveSpan } from "../core/spans.ts";
import { statusLine } from "../core/status-line.ts";
import { formatCount, Tally } from "../core/tally.ts";
import { closeQuietly } from "../profiles/close-quietly.ts";
import { sumOf } from "../profiles/profile-counts.ts";
import { type Profiler, profiler } from "../profiles/profiler.ts";
import { profileIdReader } from "../records/profile-ids.ts";
import { openIdFile } from "../sinks/documents/id-file.ts";
import { type DocumentTarget, idFolderOf, openDocuments, parseTarget } from "../sinks/documents/target.ts";
import { checkedKey, MEETUP_API, parseApi } from "../sources/meetup-rest/address.ts";
import { meetupRest } from "../sources/meetup-rest/client.ts";

interface Options {
  readonly to?: DocumentTarget | undefined;
  readonly api: URL;
  readonly state?: string | undefined;
  readonly refresh: number;
  readonly redact?: readonly string[] | undefined;
  readonly pass: boolean;
  readonly giveUp: number;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

export const run = defineTool<Options>({
  name: "profiles",
  role: "filter",
  declare: (base) =>
    base
      .addOption(
        new Option(
          "--to <place>",
          "where documents go: a folder, or firestore://COLLECTION (needed)",
        ).argParser(parseTarget),
      )
      .addOption(
        new Option("--api <address>", "another server that speaks Meetup's API")
          .argParser(parseApi)
          .default(new URL(MEETUP_API), MEETUP_API),
      )
      .addOption(
        new Option(
          "--redact <paths>",
          "replace these values of a profile by null, such as bio,photo",
        ).argParser(parseNames),
      )
      .addOption(
        new Option("--refresh <span>", "ask for an id again after this at the earliest")
          .argParser(parsePositiveSpan)
          .default(86_400, "1d"),
      )
      .option(
        "--state <folder>",
        "which ids wait, and which were asked for, is kept here (default: DIR/.profiles)",
      )
      .option("--pass", "hand records on, once their ids are kept", false)
      .addOption(
        new Option("--give-up <span>", "how long to go on without progress once the input has ended")
          .argParser(parsePositiveSpan)
          .default(60, "60s"),
      )
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText("after", HELP),
  run: profiles,
});

const HELP = `
Reads events, or messages, of any of Meetup's five streams and asks the API for the members and groups in them, each once a
day, in requests of up to 200 that stay within the API's limit. What it says is merged into one document for each:
members/m{id}.json and groups/m{id}.json in the folder; in Firestore m{id} in COLLECTION-members and COLLECTION-groups. (The
cloud functions write to the collection that is named to them: give them collection=COLLECTION-members and -groups.)

The key of the API is a secret: it comes from MEETUP_API_KEY, never from an option, and is in nothing that is stored.

Ids are kept on disk before anything is asked for, so the pipe does not wait for the API: up to a million ids wait, then the
input does. What an earlier run left is asked for first. A process that is killed asks again for the request in flight at most.

Profiles are personal data: names, photos, places, what people say of themselves. --redact name,bio,photo,other_services keeps
those out; a null takes the place of what an earlier run stored. Members who left are not removed: delete their files.

Examples:
  $ bin/ingest | bin/profiles --to people
  $ bin/ingest | bin/profiles --to firestore://meetup --redact bio,photo
  $ bin/ingest --url http://127.0.0.1:8181/2/rsvps | bin/profiles --to people --api http://127.0.0.1:8181
  $ bin/profiles --to people </dev/null                          ask for what is left`;

/** Longest wait for a store to close, ms. */
const CLOSE_MS_MAX = 500;

async function profiles(options: Options, context: Context): Promise<void> {
  const { to, api } = options;
  if (to === undefined) {
    throw new ToolError("usage", "say where documents go: --to FOLDER, or --to firestore://COLLECTION");
  }
  const key = checkedKey(environmentVariable("MEETUP_API_KEY"), api);
  const store = await openDocuments(to);
  try {
    const ids = await openIdFile(options.state ?? idFolderOf(to), {
      refresh: options.refresh,
      clock: systemClock,
    });
    try {
      const redact = options.redact ?? [];
      const source = await meetupRest({ api, key, redact, clock: systemClock, allowance: ids.allowance });
      const halt = new AbortController();
      const work = profiler({
        source,
        store,
        ids,
        clock: systemClock,
        random: Math.random,
        log: context.log,
        stop: AbortSignal.any([context.stop.signal, halt.signal]),
        giveUp: options.giveUp,
      });
      await profileInput({ work, halt }, options, context).finally(() => source.close());
    } finally {
      ids.close();
    }
  } finally {
    await closeQuietly(store, { clock: systemClock, max: CLOSE_MS_MAX });
  }
}

/** Reads all events, asks for whom they name, and waits until that is done. `halt` ends the work. */
async function profileInput(
  { work, halt }: { readonly work: Profiler; readonly halt: AbortController },
  options: Options,
  context: Context,
): Promise<void> {
  const { log, stop } = context;
  const tally = new Tally("with ids");
  const output = standardOutput();
  const lines = profileLines(work, { tally, output, pass: options.pass });
  const ending = AbortSignal.any([stop.signal, output.gone, work.failed]);
  const endStatus = statusLine(context, () => `${formatCount(tally.read)} read · ${work.status()}`);
  try {
    await withFaults(context, options, tally, async (tools) => {
      let fault: unknown;
      try {
        await forEachLine((take) => readStdin(take, ending), lines, { ...tools, stop: ending });
      } catch (error) {
        fault = error;
        // Bad input under --strict: what stood before it is asked for all the same. Anything else is left to the next run.
        if (!(error instanceof ToolError && error.kind === "badInput")) halt.abort();
      }
      // That nothing gets through comes before bad input.
      await work.drain();
      if (fault !== undefined) throw fault;
      await output.flush();
    });
  } finally {
    endStatus();
    tellOutcome(work, log);
  }
}

/** Gives the ids in lines to a profiler; with `pass`, writes the lines when their ids are kept. */
function profileLines(
  work: Profiler,
  { tally, output, pass }: { readonly tally: Tally; readonly output: Output; readonly pass: boolean },
): LineLoop {
  const reader = profileIdReader();
  let passed: Buffer[] = [];
  return {
    line(buffer, start, end) {
      const outcome = reader.read(buffer, start, end);
      if (outcome === "ignored") return void tally.add("ignored");
      if (outcome === "tick") tally.add("ticks");
      else if (outcome !== "event") return outcome;
      else if (reader.ids.member === undefined && reader.ids.group === undefined) tally.add("without ids");
      else {
        tally.add("with ids");
        work.push(reader.ids);
      }
      if (pass) passed.push(Buffer.from(buffer.subarray(start, end)), NEWLINE);
      return undefined;
    },
    settle() {
      work.flush();
      if (passed.length > 0) output.write(Buffer.concat(passed));
      passed = [];
      const waits = [work.room(), output.ready()].filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
  };
}

const NEWLINE = Buffer.from("\n");

/** What became of the ids, as a sum that adds up, before the last line. */
function tellOutcome(work: Profiler, log: Log): void {
  const { seen, before, stored, unknown, refused, repeats, waiting } = sumOf(work.counts());
  if (seen + before === 0) return;
  const ids = new Tally("stored", "ids");
  ids.read = seen + before;
  ids.add("stored", stored);
  ids.add("unknown", unknown);
  ids.add("repeats", repeats);
  ids.add("refused", refused);
  ids.add("left", waiting);
  const earlier = before === 0 ? "" : ` (${formatNumber(before)} of them from earlier runs)`;
  const later = waiting === 0 ? "" : "; the next run asks for what is left";
  log.info(`${ids}${earlier}${later}`, { ...ids.facts(), before });
}
