import { tenFigures } from "../core/figures.ts";
import { isStateCode } from "../core/us-states.ts";
import type { Words } from "../detect/change-words.ts";
import { BLIND_SECONDS } from "../detect/detector.ts";
import type { View, Weights } from "../distribution/counts.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { ToldSecond } from "../records/told-second.ts";
import { AlertLog } from "./alert-log.ts";
import { Comparison } from "./comparison.ts";
import { EventHub } from "./event-hub.ts";
import { Hour } from "./hour.ts";
import { ApiProblem } from "./problems.ts";
import type { Health, History, Origin, Shares } from "./wire.ts";

/** Categories in the shares that are sent each second. */
const SENT_CATEGORIES = 64;
/** Turns after which listeners are told how the stream is, though that has not changed. */
const HEALTH_TURNS = 5;
/** A leap of stream time is drawn as so many seconds at most. */
const LEAP_SECONDS_MAX = 3600;

export interface LiveStreamOptions {
  readonly origin: Origin;
  /** What the events and categories of a stream are called. */
  readonly wordsOf: (stream: string) => Words;
  /** A time that only goes forward, ms. */
  readonly elapsed: () => number;
}

/** Weights of the categories as of now. */
export type Totals = (view: View) => Weights;

type State = "waiting" | "there" | "away" | "ended";

/**
 * A stream as the API tells it: its newest record, its totals, its last hour, its alerts, and how it is. Whoever follows
 * the stream tells it here; whoever listens is told by the hub. Holds an hour of seconds and 1,000 alerts.
 */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly hub = new EventHub();
  readonly #alerts = new AlertLog();
  readonly #hour = new Hour();
  readonly #comparison = new Comparison();
  #words: Words | undefined;
  #state: State = "waiting";
  #reason = "";
  #record: StatsRecord | undefined;
  #totals: Totals = () => new Map();
  /** When the newest record came, by `elapsed`, ms. */
  #heardAt = 0;
  #usual: number | null = null;
  #turns = 0;
  #toldStatus: Health["status"] | undefined;
  /** Grows whenever something changed that answers are made of. */
  #version = 0;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }
  /** The stream's name; undefined before any was there. */
  get name(): string | undefined {
    return this.#record?.stream;
  }
  get alerts(): AlertLog {
    return this.#alerts;
  }
  /** What the events and categories of a stream are called. */
  get wordsOf(): (stream: string) => Words {
    return this.#options.wordsOf;
  }
  /** Events a second that are usual; null while unknown. */
  get usual(): number | null {
    return this.#usual;
  }

  /** What became known, in its order: seconds that were completed, or how things are within one; and the totals after it. */
  take(told: readonly ToldSecond[], totals: Totals): void {
    const before = this.#state;
    this.#totals = totals;
    for (const second of told) this.#push(second);
    if (told.length > 0) this.#heardAt = this.#options.elapsed();
    if (this.#record !== undefined) this.#state = "there";
    this.#version++;
    if (before !== this.#state) this.#tellHealth();
  }

  /** Events were counted though no second is complete: the totals have changed. */
  touch(): void {
    this.#version++;
  }

  /** An alert; one that is known is left out. @param id under which the store has it. */
  alert(id: string, alert: AlertRecord): void {
    if (this.#alerts.push(id, alert)) this.hub.keep("alert", alert, this.#eventId());
  }

  /** The store does not answer, or has nothing of the stream, or the input ended. */
  stand(state: Exclude<State, "there">, reason = ""): void {
    const isNews = state !== this.#state;
    this.#state = state;
    this.#reason = reason;
    this.#version++;
    if (isNews) this.#tellHealth();
  }

  /** The newest record. @throws ApiProblem (store-away, nothing-stored). */
  record(): StatsRecord {
    this.check();
    if (this.#record === undefined || this.#state === "waiting")
      throw new ApiProblem("nothing-stored", this.#howToBegin());
    return this.#record;
  }

  /** Weights of the categories. @throws ApiProblem (store-away, nothing-stored). */
  totals(view: View): Weights {
    this.record();
    return this.#totals(view);
  }

  /** @throws ApiProblem (store-away). */
  check(): void {
    if (this.#state !== "away") return;
    throw new ApiProblem("store-away", `Redis does not answer (${this.#reason}); is it running?`);
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
    this.#words ??= this.#options.wordsOf(this.name ?? "");
    return this.#words;
  }

  health(): Health {
    const { origin, elapsed } = this.#options;
    const record = this.#record;
    const passed = (elapsed() - this.#heardAt) / 1000;
    const age = record === undefined ? null : tenFigures(Math.round((record.stale + passed) * 1000) / 1000);
    const connected = record === undefined || this.#state === "away" ? null : record.connected;
    const isStill = origin === "store" && age !== null && age >= BLIND_SECONDS;
    const blind = this.#state === "away" || (this.#state === "there" && (connected === false || isStill));
    const status = this.#state !== "there" ? this.#state : blind ? "blind" : "live";
    return {
      status,
      origin,
      ...(record === undefined ? {} : { stream: record.stream }),
      ...{ t: record?.t ?? null, age, connected, blind },
      ...(status === "live" ? {} : { detail: this.#detail(status, connected) }),
    };
  }

  /** To be called once a second: tells all that listen what is usual, where events come from, and how the stream is. */
  turn(): void {
    this.#tellShares();
    if (++this.#turns % HEALTH_TURNS === 0 || this.health().status !== this.#toldStatus) this.#tellHealth();
  }

  #tellHealth(): void {
    const health = this.health();
    this.#toldStatus = health.status;
    this.hub.pass("health", health);
  }

  #push({ second, record, usual }: ToldSecond): void {
    this.#record = record;
    this.#usual = usual ?? null;
    if (second <= this.#hour.newest) return;
    const { seconds, events, entropy, byKey } = record;
    const rate = seconds === 0 || events === null ? null : events / seconds;
    const length = Math.min(Math.max(1, seconds), LEAP_SECONDS_MAX);
    for (let past = second - length + 1; past < second; past++) {
      this.#hour.push({ second: past, rate, usual: this.#usual, entropy: null });
    }
    this.#hour.push({ second, rate, usual: this.#usual, entropy });
    this.#comparison.push(second, seconds, byKey);
    this.hub.keep("stats", record, this.#eventId());
  }

  #tellShares(): void {
    if (this.hub.size === 0 || this.#record === undefined || this.#state !== "there") return;
    const { stream, t } = this.#record;
    this.hub.pass("usual", { t, rate: this.#usual });
    const shares = this.#comparison.shares(this.words(), { max: SENT_CATEGORIES, isKept: isStateCode });
    this.hub.pass("shares", { stream, t, ...shares });
  }

  /** Where a listener stands: the newest record, and the newest alert. */
  #eventId(): string {
    return `${this.#record?.t ?? 0}.${this.#alerts.newest ?? 0}`;
  }

  #detail(status: Exclude<Health["status"], "live">, connected: boolean | null): string {
    if (status === "away") return `Redis does not answer (${this.#reason}); is it running?`;
    if (status === "waiting") return this.#howToBegin();
    if (status === "ended") return "Standard input ended; this is how things were then.";
    return connected === false
      ? "The source is not connected, so nothing can be said about the stream; ingest tries again."
      : "Nothing has been stored of late, not even a tick: is ingest running?";
  }

  #howToBegin(): string {
    return this.#options.origin === "stdin"
      ? "Nothing came on standard input yet: pipe bin/ingest into it."
      : "Nothing has been stored yet: start scripts/ingest.sh.";
  }
}
