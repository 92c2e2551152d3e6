import type { Context } from "../core/cli.ts";
import { systemClock, timerMs } from "../core/clock.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import type { Log, Severity } from "../core/log.ts";
import { statusLine } from "../core/status-line.ts";
import { Tally } from "../core/tally.ts";
import { safeName } from "../sinks/objects/object-name.ts";
import type { Allowance } from "../sinks/slack/allowance.ts";
import type { Webhook } from "../sinks/slack/webhook.ts";
import { openArchive } from "./archive-part.ts";
import { type CollectedStream, collectedStream } from "./collected-stream.ts";
import type { CollectSettings } from "./config.ts";
import { type Keeping, keeping } from "./keeping.ts";
import { pinger } from "./ping.ts";
import { openPlaces, type PlaceFile } from "./places.ts";
import { openProfiles } from "./profiles-part.ts";
import { type ArchiveCounts, type Report, report } from "./report.ts";
import { slackOutbox } from "./slack-outbox.ts";
import { type Teller, teller } from "./teller.ts";
import { watch } from "./watch.ts";

/** How often it is looked whether all is well; how often that is told, and the state of each stream, ms. */
const LOOK_MS = 1000;
const MINUTE_MS = 60_000;
/** How long a store that is away is waited for at the end: after a signal the process has five seconds, ms. */
const HURRY_MS = 3000;
const PATIENCE_MS = 30_000;

export interface CollectOptions {
  readonly settings: CollectSettings;
  /** The folder of its places. */
  readonly state: string;
  readonly webhook: Webhook | undefined;
  readonly fold: number;
  readonly atMost: Allowance;
  readonly minSeverity: Severity;
  /** How often people are told that it lives, s; undefined: not. */
  readonly heartbeat: number | undefined;
  readonly ping: URL | undefined;
  readonly ahead: number;
  readonly stall: number;
}

/**
 * Collects all streams until it is stopped, or none is left. @throws ToolError: what nothing can be kept for, or why the
 * first stream stays down when all do.
 */
export async function collect(options: CollectOptions, context: Context): Promise<void> {
  const { webhook, state, minSeverity } = options;
  const places = openPlaces(state, systemClock);
  try {
    const slack = webhook && (await slackOutbox({ ...options, webhook, log: context.log }));
    const tell = teller({ tool: context.tool, log: context.log, slack, minSeverity, clock: systemClock });
    try {
      await collectTold(options, { context, places, tell });
    } catch (error) {
      tell.ended(`collect has ended: ${reasonOf(error)}`);
      throw error;
    } finally {
      await slack?.end();
    }
  } finally {
    places.close();
  }
}

interface Parts {
  readonly context: Context;
  readonly places: PlaceFile;
  readonly tell: Teller;
}

async function collectTold(options: CollectOptions, parts: Parts): Promise<void> {
  const { context, places, tell } = parts;
  const { settings } = options;
  const { log } = tell;
  const stop = context.stop.signal;
  const archive =
    settings.archive && (await openArchive(settings.archive, { labels: labelsIn(settings), log, stop }));
  try {
    const profiles = settings.profiles && (await openProfiles(settings.profiles, { log, stop }));
    try {
      const kept = keeping({
        archiver: archive?.archiver,
        archiveRedact: settings.archive?.redact ?? [],
        profiler: profiles?.profiler,
        ...{ places, log },
      });
      const ending = AbortSignal.any([stop, kept.failed]);
      const streams = settings.streams.map((one) =>
        collectedStream({
          ...{ settings: one, keeping: kept, places, log, stop: ending },
          ...{ ahead: options.ahead, stall: options.stall, clock: systemClock, random: Math.random },
        }),
      );
      const about = report({
        ...{ streams, keeping: kept, clock: systemClock },
        archive: archive?.counts,
        profiler: profiles?.profiler,
      });
      const signals = { ending, profilesFailed: profiles?.profiler.failed };
      const endTelling = beginTelling(options, { ...parts, streams, about, keeping: kept, ...signals });
      try {
        const down = await Promise.all(streams.map((stream) => stream.run()));
        await drain(kept, { stop, streams, log });
        throwLast(down, stop);
      } finally {
        endTelling();
        conclude(context, { streams, archive: archive?.counts });
      }
    } finally {
      await profiles?.end();
    }
  } finally {
    await archive?.close();
  }
}

/** What messages of its streams are archived under. */
const labelsIn = ({ streams }: CollectSettings): string[] =>
  streams.filter(({ archive }) => archive).map(({ stream }) => safeName(stream));

/** Everything that goes by the clock: looks, status, signs of life. @returns what ends it. */
function beginTelling(
  { heartbeat, ping }: CollectOptions,
  parts: Parts & {
    readonly streams: readonly CollectedStream[];
    readonly about: Report;
    readonly keeping: Keeping;
    readonly ending: AbortSignal;
    readonly profilesFailed: AbortSignal | undefined;
  },
): () => void {
  const { context, tell, streams, about, keeping: kept, ending } = parts;
  const watched = watch({ ...parts, clock: systemClock, log: tell.log });
  const dog = ping && pinger(ping, tell.log);
  const timers = [
    setInterval(() => {
      watched.look();
      kept.settle();
    }, LOOK_MS),
    setInterval(() => {
      if (!context.interactive) tellStatus(tell.log, streams, about);
      if (watched.isWell()) void dog?.ping(ending);
    }, MINUTE_MS),
  ];
  if (heartbeat !== undefined) {
    const beat = () => tell.say(about.signOfLife(tell.troubles()));
    timers.push(setInterval(beat, timerMs(heartbeat * 1000)));
    tell.say(about.started());
  }
  void dog?.ping(ending);
  const endStatus = statusLine(context, about.line, { writes: false });
  return () => {
    for (const timer of timers) clearInterval(timer);
    endStatus();
  };
}

function tellStatus(log: Log, streams: readonly CollectedStream[], about: Report): void {
  for (const stream of streams) {
    const { kind } = stream.standing();
    log.info(stream.status.text(), { ...stream.status.facts(), kept: stream.kept(), standing: kind });
  }
  log.info(about.line(), about.facts());
}

/** Keeps what was taken. What is not kept after a signal comes again, from a source that resumes. */
async function drain(
  kept: Keeping,
  { stop, streams, log }: { stop: AbortSignal; streams: readonly CollectedStream[]; log: Log },
): Promise<void> {
  const late = new AbortController();
  const timers = [setTimeout(() => late.abort(), stop.aborted ? HURRY_MS : PATIENCE_MS)];
  const hurry = () => void timers.push(setTimeout(() => late.abort(), HURRY_MS));
  stop.addEventListener("abort", hurry, { once: true });
  try {
    await kept.drain(late.signal);
  } catch (error) {
    const comesAgain = streams.every(({ settings }) => settings.source.resume !== "none");
    const isAway = error instanceof ToolError && error.kind === "unavailable";
    if (!stop.aborted || !isAway || !comesAgain) throw error;
    log.warning(`${error.message}; ${kept.unkept} messages are not kept, the next run asks for them again`);
  } finally {
    stop.removeEventListener("abort", hurry);
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Nothing is left to collect, and that because of errors. */
function throwLast(down: readonly (ToolError | undefined)[], stop: AbortSignal): void {
  const first = down.find((error) => error !== undefined);
  if (first === undefined || stop.aborted) return;
  throw new ToolError(first.kind, `no stream is left; the first to go down: ${first.message}`, {
    cause: first,
    facts: first.facts,
  });
}

/** The last lines: what became of the messages of each stream, and of all events. */
function conclude(
  context: Context,
  { streams, archive }: { streams: readonly CollectedStream[]; archive: ArchiveCounts | undefined },
): void {
  for (const stream of streams) {
    const tally = stream.tally();
    context.log.info(`${stream.settings.stream}: ${tally}`, {
      stream: stream.settings.stream,
      ...tally.facts(),
    });
  }
  const total = new Tally(archive === undefined ? "kept" : "archived", "events");
  total.read = streams.reduce((sum, stream) => sum + stream.tally().count("events"), 0);
  const { archived, there } = archive ?? { archived: 0, there: 0 };
  const sum = streams.reduce((all, stream) => all + stream.kept(), 0);
  total.add("archived", archived);
  total.add("already there", there);
  total.add("kept", Math.max(0, sum - archived - there));
  total.add("not kept", total.read - Math.max(sum, archived + there));
  context.conclude(total);
}
