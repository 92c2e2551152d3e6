import { isStateCode } from "../core/us-states.ts";
import type { Words } from "../detect/change-words.ts";
import type { View, Weights } from "../distribution/counts.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { ToldSecond } from "../records/told-second.ts";
import { AlertLog } from "./alert-log.ts";
import { Comparison } from "./comparison.ts";
import { EventHub } from "./event-hub.ts";
import { Hour } from "./hour.ts";
import { ApiProblem } from "./problems.ts";
import { STORE_AWAY, Standing, type StandingOptions, type State } from "./standing.ts";
import type { Health, History, Shares } from "./wire.ts";

/** Categories in the shares that are sent each second. */
const SENT_CATEGORIES = 64;
/** Turns after which listeners are told how the stream is, though that has not changed. */
const HEALTH_TURNS = 5;
/** A second earlier than the newest by more than this is of a stream that begins anew, as for who polls the store (stats-view). */
const BEGINS_ANEW_SECONDS = 15;
/** A leap of stream time is drawn as so many seconds at most. */
const LEAP_SECONDS_MAX = 3600;

export interface LiveStreamOptions extends StandingOptions {
  /** What the events and categories of a stream are called. */
  readonly wordsOf: (stream: string) => Words;
}

/** Weights of the categories as of now. */
export type Totals = (view: View) => Weights;

/**
 * A stream as the API tells it: its newest record, its totals, its last hour, its alerts, and how it is. Whoever follows
 * the stream tells it here; whoever listens is told by the hub. Holds an hour of seconds and 1,000 alerts.
 */
export class LiveStream {
  readonly hub = new EventHub();
  readonly alerts = new AlertLog();
  readonly wordsOf: (stream: string) => Words;
  readonly #standing: Standing;
  #hour = new Hour();
  #comparison = new Comparison();
  #words: Words | undefined;
  #record: StatsRecord | undefined;
  #totals: Totals = () => new Map();
  #usual: number | null = null;
  #events = 0;
  #turns = 0;
  #toldStatus: Health["status"] | undefined;
  #version = 0;

  constructor(options: LiveStreamOptions) {
    this.wordsOf = options.wordsOf;
    this.#standing = new Standing(options);
  }

  /** Grows whenever something changed that answers are made of. */
  get version(): number {
    return this.#version;
  }
  /** The stream's name; undefined before any was there. */
  get name(): string | undefined {
    return this.#record?.stream;
  }
  /** Events a second that are usual; null while unknown. */
  get usual(): number | null {
    return this.#usual;
  }
  /** Events of the seconds that were completed since the beginning, fresh ones and late ones. */
  get events(): number {
    return this.#events;
  }
  get isAway(): boolean {
    return this.#standing.state === "away";
  }

  /** What became known, in its order: seconds that were completed, or how things are within one; and the totals after it. */
  take(told: readonly ToldSecond[], totals: Totals): void {
    const newest = this.#hour.newest;
    for (const { second, record } of told) {
      if (second > newest) this.#events += (record.events ?? 0) + (record.late ?? 0);
    }
    this.recall(told, totals);
  }

  /** The same of the time before the beginning. */
  recall(told: readonly ToldSecond[], totals: Totals): void {
    this.#totals = totals;
    for (const second of told) this.#push(second);
    if (told.length > 0) this.#standing.hear();
    this.#enter(this.#record === undefined ? this.#standing.state : "there");
  }

  /** Events were counted though no second is complete: the totals have changed. */
  touch(): void {
    this.#version++;
  }

  /** Stream time goes on each second from now on, or something is wrong. */
  expectTicks(): void {
    this.#standing.expectTicks();
  }

  /** An alert; one that is known is left out. @param id under which the store has it. */
  alert(id: string, alert: AlertRecord): void {
    if (!this.alerts.push(id, alert)) return;
    this.#version++;
    this.hub.keep("alert", alert, this.#eventId());
  }

  /** One from before the beginning, which is no news. */
  recallAlert(id: string, alert: AlertRecord): void {
    this.#version++;
    this.alerts.recall(id, alert);
  }

  /** The store does not answer, or has nothing of the stream, or the input ended. What was seen is kept, should it go on. */
  stand(state: Exclude<State, "there">, detail?: string): void {
    this.#enter(state, detail);
  }

  /** The newest record; its events are those of the newest completed second. @throws ApiProblem (store-away, nothing-stored). */
  record(): StatsRecord {
    this.check();
    if (this.#record === undefined || this.#standing.state === "waiting") {
      throw new ApiProblem("nothing-stored", this.#standing.howToBegin());
    }
    return this.#record;
  }

  /** Weights of the categories. @throws ApiProblem (store-away, nothing-stored). */
  totals(view: View): Weights {
    this.record();
    return this.#totals(view);
  }

  /** Why there are no shares, where no event had a category. */
  withoutCategories(): ApiProblem {
    return new ApiProblem("nothing-stored", this.#standing.howToCount());
  }

  /** @throws ApiProblem (store-away). */
  check(): void {
    if (this.isAway) throw new ApiProblem("store-away", STORE_AWAY);
  }

  /** @throws ApiProblem (store-away, nothing-stored). */
  history(): History {
    const { stream, t } = this.record();
    return { stream, t, noun: this.words().noun, ...this.#hour.columns() };
  }

  /** @param max categories that are told, and all states of the US. @throws ApiProblem (store-away, nothing-stored). */
  shares(max: number): Shares {
    const { stream, t } = this.record();
    return { stream, t, ...this.#comparison.shares(this.words(), { max, isKept: isStateCode }) };
  }

  /** What the stream's events and categories are called. */
  words(): Words {
    this.#words ??= this.wordsOf(this.name ?? "");
    return this.#words;
  }

  health(): Health {
    return this.#standing.health(this.#record, this.name);
  }

  /** To be called once a second: tells all that listen what is usual, where events come from, and how the stream is. */
  turn(): void {
    if (this.hub.size > 0 && this.#record !== undefined && this.#standing.state === "there") {
      this.hub.pass("usual", { t: this.#record.t, rate: this.#usual });
      this.hub.pass("shares", this.shares(SENT_CATEGORIES));
    }
    if (++this.#turns % HEALTH_TURNS === 0 || this.health().status !== this.#toldStatus) this.#tellHealth();
  }

  #enter(state: State, detail?: string): void {
    const isNews = state !== this.#standing.state;
    this.#standing.enter(state, detail);
    this.#version++;
    if (isNews) this.#tellHealth();
  }

  #tellHealth(): void {
    const health = this.health();
    this.#toldStatus = health.status;
    this.hub.pass("health", health);
  }

  #push({ second, record, usual, ...hints }: ToldSecond): void {
    if (second < this.#hour.newest - BEGINS_ANEW_SECONDS) this.#beginAnew();
    const isComplete = second > this.#hour.newest;
    this.#record = isComplete ? record : withEventsOf(record, this.#record);
    this.#usual = usual ?? null;
    if (!isComplete) return;
    const { seconds, events, entropy, byKey } = record;
    const rate = seconds === 0 || events === null ? null : events / seconds;
    const length = Math.min(Math.max(1, seconds), LEAP_SECONDS_MAX);
    for (let past = second - length + 1; past < second; past++) {
      this.#hour.push({ second: past, rate, usual: this.#usual, entropy: null });
    }
    this.#hour.push({ second, rate, usual: this.#usual, entropy });
    this.#comparison.push(second, seconds, byKey, hints);
    this.hub.keep("stats", record, this.#eventId());
  }

  /** The store was emptied, and holds an older time now. */
  #beginAnew(): void {
    this.#hour = new Hour();
    this.#comparison = new Comparison();
    this.alerts.forget();
    this.hub.pass("skipped", { count: 0 });
  }

  /** Where a listener stands: the newest record, and the newest alert. */
  #eventId(): string {
    return `${this.#record?.t ?? 0}.${this.alerts.newest ?? 0}`;
  }
}

/** How things are now, and the events of the newest completed second, which are the same whoever asks how often. */
function withEventsOf(record: StatsRecord, completed: StatsRecord | undefined): StatsRecord {
  if (completed === undefined) return record;
  const { events, seconds, late, byKey, examples } = completed;
  return { ...record, events, seconds, late, byKey, ...(examples === undefined ? {} : { examples }) };
}
