import type { Clock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { formatNumber, formatSpan } from "../core/spans.ts";
import type { ProfileIds } from "../records/profile-ids.ts";
import { askLoop } from "./ask-loop.ts";
import type { DocumentStore } from "./document-store.ts";
import type { IdLog } from "./id-log.ts";
import type { ProfileKind } from "./kinds.ts";
import { addSaved, countsOf, type ProfileCounts, sumOf } from "./profile-counts.ts";
import type { ProfileSource } from "./profile-source.ts";
import { reach } from "./reach.ts";
import type { SavedProfiles } from "./save-profiles.ts";

/** Ids that may wait; then the input is held back. At the limit of Meetup's API half an hour's work. */
const WAITING_MAX = 1_000_000;

export interface ProfilerOptions {
  readonly source: ProfileSource;
  readonly store: DocumentStore;
  readonly ids: IdLog;
  readonly clock: Clock;
  /** Uniform on [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Ends the work after the batch in flight; ids that wait are kept for the next run. */
  readonly stop: AbortSignal;
  /** Longest time without progress after the input's end, s. */
  readonly giveUp: number;
  readonly waitingMax?: number;
}

/** Asks for the profile of each id that is seen, at most once a day, beside the stream, and stores it. */
export interface Profiler {
  /** Takes the ids of one message. Reads no clock but for the day, and waits for nothing. */
  push(ids: ProfileIds): void;
  /** Keeps what was pushed: after it no end of the process loses an id. @throws ToolError (io, permission). */
  flush(): void;
  /** undefined when there is room for more; else resolves when ids were asked for, or the work ended. */
  room(): Promise<void> | undefined;
  /** The input ended: asks for all that wait. @throws ToolError: what ended the work; (unavailable) after `giveUp`. */
  drain(): Promise<void>;
  /** Aborts when the work ended for good: the next call of `drain` says why. */
  readonly failed: AbortSignal;
  counts(): Readonly<Record<ProfileKind, Readonly<ProfileCounts>>>;
  /** What it does at present, for a status line. */
  status(): string;
}

/** Begins to work at once, with what an earlier run left. */
export function profiler(options: ProfilerOptions): Profiler {
  const { source, store, ids, clock, log, stop, giveUp, waitingMax = WAITING_MAX } = options;
  const { books } = ids;
  const gaveUp = new AbortController();
  const failed = new AbortController();
  const done = new AbortController();
  const around = { clock, random: options.random, log, signal: AbortSignal.any([stop, gaveUp.signal]) };
  const [api, documents] = [reach({ name: source.name, ...around }), reach({ name: store.name, ...around })];
  const counts = { members: countsOf(books.members), groups: countsOf(books.groups) };
  const tell = outcomeTeller(ids, log);
  let progressAt = clock.elapsed();
  let failure: unknown;
  let hasToldFull = false;
  let waiters: (() => void)[] = [];

  const waiting = () => books.members.waiting + books.groups.waiting;

  function settled(kind: ProfileKind, saved: SavedProfiles): void {
    addSaved(counts[kind], saved);
    tell(kind, saved);
    progressAt = clock.elapsed();
    hasToldFull &&= waiting() > waitingMax;
    wake();
  }

  /** Each answer is progress: where ids are refused, a batch takes many. */
  function worked(): void {
    api.patience.worked?.();
    progressAt = clock.elapsed();
  }

  function wake(): void {
    const woken = waiters;
    waiters = [];
    for (const resolve of woken) resolve();
  }

  const patience = { source: { ...api.patience, worked }, store: documents.patience };
  const loop = askLoop({ source, store, ids, clock, patience, stop, gaveUp: gaveUp.signal, settled });
  const working = loop.finished
    .catch((error: unknown) => {
      failure = error;
      failed.abort();
    })
    .finally(() => {
      done.abort();
      wake();
    });

  async function watchProgress(): Promise<void> {
    while (!done.signal.aborted) {
      const left = progressAt + giveUp * 1000 - clock.elapsed();
      if (left <= 0) return gaveUp.abort();
      await clock.sleep(left, done.signal);
    }
  }

  return {
    failed: failed.signal,
    push({ member, group }) {
      for (const [kind, id] of [["members", member] as const, ["groups", group] as const]) {
        if (id === undefined) continue;
        const { waiting: before } = books[kind];
        counts[kind].seen++;
        if (ids.see(kind, id)) loop.added(kind, before);
        else counts[kind].repeats++;
      }
    },
    flush: () => ids.flush(),
    room() {
      if (waiting() <= waitingMax || done.signal.aborted) return undefined;
      if (!hasToldFull) {
        hasToldFull = true;
        log.warning(
          `the input waits for us, and we for ${source.name}: ${formatNumber(waiting())} ids wait (${source.standing()})`,
          { waiting: waiting() },
        );
      }
      return new Promise((resolve) => waiters.push(resolve));
    },
    async drain() {
      ids.flush();
      progressAt = clock.elapsed();
      loop.end();
      await Promise.all([working, watchProgress()]);
      if (failure !== undefined) throw failure;
      if (!gaveUp.signal.aborted || stop.aborted) return;
      const reason = api.trouble() ?? documents.trouble() ?? source.standing();
      throw new ToolError(
        "unavailable",
        `gave up after ${formatSpan(giveUp)} without progress (${reason}); ${formatNumber(waiting())} ids left, the next run asks for them`,
        { facts: { left: waiting() } },
      );
    },
    counts: () => counts,
    status() {
      const { stored, unknown, refused } = sumOf(counts);
      const trouble = api.trouble() ?? documents.trouble();
      const odd = refused > 0 ? `, ${formatNumber(refused)} refused` : "";
      return `${formatNumber(stored)} stored, ${formatNumber(unknown)} unknown${odd} · ${formatNumber(waiting())} ids wait · ${trouble ?? source.standing()}`;
    },
  };
}

/** Tells whom somebody refuses, and once that more were asked for than can be remembered. */
function outcomeTeller({ books }: IdLog, log: Log): (kind: ProfileKind, saved: SavedProfiles) => void {
  let hasToldForgotten = false;
  return (kind, { refused }) => {
    for (const { id, by, reason } of refused) {
      log.error(`${by}: refuses ${kind} m${id}: ${reason}`, { kind, id, reason });
    }
    if (hasToldForgotten || books[kind].forgotten === 0) return;
    hasToldForgotten = true;
    log.warning(`too many ${kind} were asked for to remember all: some are asked for again early`);
  };
}
