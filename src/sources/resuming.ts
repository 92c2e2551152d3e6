import { OVERLAP_MS_MAX, type Place } from "../records/place.ts";
import type { Source } from "./catalogue.ts";
import type { Told } from "./event-stream.ts";
import type { StreamRequest } from "./http.ts";
import { overlap } from "./overlap.ts";

/**
 * How far back a resumed source is asked to begin before the greatest time seen, ms: messages come out of order. Of
 * Meetup's 2 % were more than a minute late; Jetstream gives its messages their time itself, and advises a few seconds.
 */
const OVERLAP_MS = { since_mtime: OVERLAP_MS_MAX, cursor: 5000 } as const;
/** Where an id says where to begin, messages of this much time before the newest may come again, ms. */
const REPEATS_MS = OVERLAP_MS_MAX;
/** Where an id says where to begin, a source that has nothing for longer than this after a loss is told of, ms. */
const MISSING_MS_MIN = 60_000;

/** Where an earlier run had got to. */
export interface GoOn {
  /** The source's own place. */
  readonly after: string | number;
  /** Greatest event time up to there, ms. */
  readonly passed: number;
  /** Event time of the stream's first event, ms, where it is still known. */
  readonly begun?: number | undefined;
}

/** Knows where a source is to go on after a loss, and which messages come again then. */
export interface Resuming {
  /** A message came, of this time in ms since the Unix epoch, whether it is sent on or not. */
  passed(t: number): void;
  /** A message was sent on. */
  sent(message: Buffer, t: number): void;
  isRepeat(message: Buffer): boolean;
  /** The message that passed last, of this time, came before the stream's first event: the source was asked for more than there is. */
  isBeforeAll(t: number): boolean;
  /** What the source needs to resume after the message that passed last; undefined where it cannot. */
  cursor(): string | number | undefined;
  /** What to ask for now. */
  request(): StreamRequest;
  /** A lost connection is there again. */
  resumed(): void;
  /** Event time, ms, from which on all is asked for at first; undefined where it begins with what is live, or by an id. */
  readonly since: number | undefined;
}

export interface ResumingOptions {
  readonly source: Pick<Source, "url" | "resume">;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly told: Told;
  /** Arrival time, ms since the Unix epoch. */
  readonly now: () => number;
  /** A time that only goes forward, ms. */
  readonly elapsed: () => number;
  /** Where an earlier run had got to; left out: it begins with what is live. */
  readonly goOn?: GoOn | undefined;
  /** Told that the source has nothing between these event times, ms, where it was asked for it. */
  readonly missing: (from: number, to: number) => void;
}

/** Resumes in the source's own way. Holds the hashes that an overlap does. */
export function resuming(options: ResumingOptions): Resuming {
  const { source, headers, told, now, elapsed, goOn, missing } = options;
  const { resume, url } = source;
  const repeats = overlap();
  const since = goOn === undefined ? undefined : sinceOf(resume, goOn);
  let greatest = goOn?.passed ?? Number.NEGATIVE_INFINITY;
  let earliest = since ?? goOn?.passed ?? Number.POSITIVE_INFINITY;
  /** The greatest time before the source was asked to go on, until it has answered; else minus infinity. */
  let asked = Math.max(greatest, goOn?.begun ?? greatest);
  /** What is older than this and comes before anything that is not was there before the stream began, ms. */
  let begun = goOn?.begun ?? Number.NEGATIVE_INFINITY;
  if (typeof goOn?.after === "string") told.lastEventId = goOn.after;

  /** An overlap before the newest message, but not before all that this run has seen; ms, or undefined at first. */
  const beginning = (before: number): number | undefined =>
    greatest < earliest ? undefined : wholeOf(resume, Math.max(Math.min(greatest, now()) - before, earliest));
  const asking = (name: string, value: number | undefined): StreamRequest => {
    if (value === undefined) return { address: url, headers };
    const address = new URL(url);
    address.searchParams.set(name, String(value));
    return { address: address.href, headers };
  };
  const microseconds = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms * 1000));

  /** The first message after a loss tells whether the source still had what came before it. */
  function judge(t: number): void {
    // By time it is asked for what we have, too: unless some of that comes first, it has not got so far back.
    const least = resume === "last-event-id" ? asked + MISSING_MS_MIN : asked;
    if (t > least) missing(asked, t);
    asked = Number.NEGATIVE_INFINITY;
  }

  /** From which event time on all was asked for last, ms; by ids, from which on it may come again. */
  let askedSince: number | undefined;
  const ask = (before: number) => {
    askedSince = beginning(before);
    return askedSince;
  };

  return {
    since,
    passed(t) {
      if (asked > Number.NEGATIVE_INFINITY) judge(t);
      greatest = Math.max(greatest, t);
      earliest = Math.min(earliest, t);
    },
    sent(message, t) {
      if (resume !== "none") repeats.sent(message, t);
    },
    isRepeat: (message) => resume !== "none" && repeats.isRepeat(message, elapsed()),
    isBeforeAll(t) {
      if (since === undefined || t >= begun) begun = Number.NEGATIVE_INFINITY;
      return t < begun;
    },
    cursor() {
      if (resume === "last-event-id") return told.lastEventId;
      if (greatest < earliest || resume === "none") return undefined;
      return resume === "cursor" ? microseconds(greatest) : Math.floor(greatest);
    },
    request() {
      if (resume === "since_mtime") return asking("since_mtime", ask(OVERLAP_MS.since_mtime));
      if (resume === "cursor") return asking("cursor", microseconds(ask(OVERLAP_MS.cursor)));
      if (resume === "none" || told.lastEventId === undefined) return { address: url, headers };
      // A header holds bytes: UTF-8, as the standard has it.
      const id = Buffer.from(told.lastEventId).toString("latin1");
      return { address: url, headers: { ...headers, "last-event-id": id } };
    },
    resumed() {
      // Nothing comes again where nothing could be asked for.
      if (resume === "none" || (resume === "last-event-id" && told.lastEventId === undefined)) return;
      asked = greatest;
      begun = goOn?.begun ?? begun;
      if (resume === "last-event-id") ask(REPEATS_MS);
      if (askedSince !== undefined) repeats.begin(askedSince, elapsed());
    },
  };
}

/** @returns where a run that goes on begins, ms of event time; undefined for a source that goes by ids. */
function sinceOf(resume: Source["resume"], { passed }: GoOn): number | undefined {
  if (resume === "last-event-id" || resume === "none") return undefined;
  return wholeOf(resume, passed - OVERLAP_MS[resume]);
}

/**
 * @param place as the store has it; undefined where there is none.
 * @returns undefined too for a place of another kind of source, which is of no use here.
 */
export function goOnAt(
  { place, begun }: { readonly place: Place | undefined; readonly begun: number | undefined },
  resume: Source["resume"],
): GoOn | undefined {
  if (place === undefined) return undefined;
  const after: unknown = JSON.parse(place.cursor);
  const isOurs =
    resume === "last-event-id" ? typeof after === "string" : resume !== "none" && typeof after === "number";
  return isOurs ? { after: after as string | number, passed: place.passed, begun } : undefined;
}

/** A time that the source can be asked for: of whole ms, or µs. */
const wholeOf = (resume: Source["resume"], ms: number): number =>
  resume === "cursor" ? Math.round(ms * 1000) / 1000 : Math.floor(ms);
