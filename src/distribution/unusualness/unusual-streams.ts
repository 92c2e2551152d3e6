import type { Stage } from "../../core/stage.ts";
import { byStream } from "../../core/streams.ts";
import type { AlertRecord } from "../../records/alert.ts";
import type { ShownEvent } from "../../records/shown-event.ts";
import { dailyNotice } from "./daily-notice.ts";
import { type Finding, findingsBelow, findingsWithin } from "./findings.ts";
import { type ScoredEvent, type Sighting, scoredEvents, type WarmStart } from "./scored-events.ts";
import { formatScore, unusualAlerts } from "./unusual-alerts.ts";

/** An event of one of several streams. */
export interface StreamSighting extends Sighting {
  readonly stream: string;
  /** Event time, ms since the Unix epoch. */
  readonly t: number;
}

/** Which events are told: so many a day and stream, the most improbable; or all whose probability is below a share. */
export type Rule = { readonly perDay: number } | { readonly below: number };

export interface UnusualStreamsOptions<Event extends StreamSighting> {
  readonly rule: Rule;
  readonly categoriesMax: number;
  /** Give score lines instead of alerts. */
  readonly scores: boolean;
  /** How an event of the stream is shown in its alert. */
  readonly show: (event: Event) => ShownEvent;
  /** What a stream begins with, asked once. */
  readonly startOf: (stream: string) => WarmStart | undefined;
  readonly alert: (record: AlertRecord) => void;
  /** Told of each event: it was only learnt; judged; or it has no category. */
  readonly counted: (part: "warm-up" | "judged" | "unkeyed") => void;
  /** The budget kept an alert back. */
  readonly heldBack: () => void;
  /** So many of a stream were kept back so far; told at most once a day of stream time. */
  readonly overBudget: (stream: string, count: number) => void;
  /** A stream has a category that is not learnt; told once. */
  readonly beyond: (stream: string) => void;
}

/** The improbable events of all streams of an input, each with a model of its own. Holds up to 1000 models. */
export class UnusualStreams<Event extends StreamSighting> {
  readonly #options: UnusualStreamsOptions<Event>;
  readonly #stages = byStream<Sighting, never>(
    (stream) => () => this.#stageOf(stream),
    () => () => {},
  );
  /** The event that is pushed now: what the stages have to say of it they say before it is gone. */
  #current: Event | undefined;
  #scores = "";
  #count = 0;

  constructor(options: UnusualStreamsOptions<Event>) {
    this.#options = options;
  }

  /** Streams heard of so far. */
  get count(): number {
    return this.#count;
  }

  push(event: Event): void {
    this.#current = event;
    this.#stages.of(event.stream).push(event);
    if (event.key() !== null) return;
    this.#options.counted("unkeyed");
    if (this.#options.scores) this.#scores += formatScore({ ...at(event), key: null }, undefined);
  }

  /** A stream's time went on to `now`, ms since the Unix epoch. */
  tick(stream: string, now: number): void {
    this.#stages.of(stream).tick?.(now);
  }

  /** The score lines of the events since the last call. */
  takeScores(): string {
    const taken = this.#scores;
    this.#scores = "";
    return taken;
  }

  #stageOf(stream: string): ReturnType<Stage<Sighting, ScoredEvent>> {
    this.#count++;
    const { categoriesMax, scores, startOf, counted, beyond } = this.#options;
    const told = scores ? undefined : this.#findings(stream);
    let isBeyond = false;
    return scoredEvents({
      categoriesMax,
      exact: scores,
      warmStart: startOf(stream),
      beyond() {
        if (!isBeyond) beyond(stream);
        isBeyond = true;
      },
    })((event) => {
      counted(event.judged ? "judged" : "warm-up");
      if (told === undefined) this.#scores += formatScore({ ...at(this.#current!), key: event.key }, event);
      else told.push(event);
    });
  }

  /** Judges a stream's scores and gives the alerts. */
  #findings(stream: string): ReturnType<Stage<ScoredEvent, Finding>> {
    const { rule, alert, show, heldBack, overBudget } = this.#options;
    const alertOf = unusualAlerts(stream);
    const emit = (finding: Finding) => alert(alertOf(finding, show(this.#current!)));
    if ("below" in rule) return findingsBelow(rule.below)(emit);
    const notice = dailyNotice((count) => overBudget(stream, count));
    return findingsWithin({
      perDay: rule.perDay,
      heldBack(now) {
        heldBack();
        notice(now);
      },
    })(emit);
  }
}

const at = ({ t, stream }: StreamSighting) => ({ t, stream });
