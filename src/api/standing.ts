import { tenFigures } from "../core/figures.ts";
import { BLIND_SECONDS } from "../detect/detector.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { Health, Origin } from "./wire.ts";

/** How a stream stands with who follows it: nothing came yet, it is there, the store is away, or the input ended. */
export type State = "waiting" | "there" | "away" | "ended";

export interface StandingOptions {
  readonly origin: Origin;
  /** A time that only goes forward, ms. */
  readonly elapsed: () => number;
}

/** Without the reason, which may hold an address or a path of this machine: the log has it. */
export const STORE_AWAY = "Redis does not answer; is it running? The API's log says why, and waits for it.";

/** ingest ticks each second; when none came for so long, it is not there, s. */
const GONE_SECONDS = 5;

/** How a stream is, and the words for it. */
export class Standing {
  readonly #options: StandingOptions;
  #state: State = "waiting";
  #told: string | undefined;
  /** When something was heard of the stream last, by `elapsed`, ms. */
  #heardAt = 0;
  /** Something is heard each second while all is well: a store is looked at, or the input has ticks. */
  #isSteady: boolean;

  constructor(options: StandingOptions) {
    this.#options = options;
    this.#isSteady = options.origin === "store";
  }

  get state(): State {
    return this.#state;
  }

  /** @param detail what there is to say, where that is known better than here. */
  enter(state: State, detail?: string): void {
    this.#state = state;
    this.#told = detail;
  }

  /** Something came. */
  hear(): void {
    this.#heardAt = this.#options.elapsed();
  }

  /** The input has ticks: from now on none for a while is blindness. */
  expectTicks(): void {
    this.#isSteady = true;
  }

  /** @param record the newest there is. @param name of the stream, which a store may have forgotten. */
  health(record: StatsRecord | undefined, name: string | undefined): Health {
    // What was known of a stream that the store has forgotten is not so any more.
    const known = this.#state === "waiting" ? undefined : record;
    const passed = (this.#options.elapsed() - this.#heardAt) / 1000;
    const age = known === undefined ? null : tenFigures(Math.round((known.stale + passed) * 1000) / 1000);
    const connected = known === undefined || this.#state === "away" ? null : known.connected;
    const isStill = this.#isSteady && age !== null && age >= BLIND_SECONDS;
    const blind = this.#state === "away" || (this.#state === "there" && (connected === false || isStill));
    const status = this.#state !== "there" ? this.#state : blind ? "blind" : "live";
    const isGone = age !== null && age >= GONE_SECONDS;
    return {
      status,
      origin: this.#options.origin,
      ...(name === undefined ? {} : { stream: name }),
      ...{ t: known?.t ?? null, age, connected, blind },
      ...(status === "live" ? {} : { detail: this.#detail(status, connected === false && !isGone) }),
    };
  }

  /** What to do where nothing came yet. */
  howToBegin(): string {
    if (this.#told !== undefined) return this.#told;
    return this.#options.origin === "stdin"
      ? "Nothing came on standard input yet: pipe bin/ingest into it."
      : "Nothing has been stored yet: start scripts/ingest.sh.";
  }

  /** What to do where no event had a category. */
  howToCount(): string {
    return this.#options.origin === "stdin"
      ? "No event with a category came yet; does ingest know where messages have it (--key PATH)?"
      : "No event with a category was counted yet; is insert-distribution running?";
  }

  /** @param isTrying ingest is there, and looks for its source. */
  #detail(status: Exclude<Health["status"], "live">, isTrying: boolean): string {
    if (status === "away") return STORE_AWAY;
    if (status === "waiting") return this.howToBegin();
    if (status === "ended") return "Standard input ended; this is how things were then.";
    if (isTrying) return "The source is not connected; ingest tries again and again.";
    return this.#options.origin === "stdin"
      ? "Nothing came on standard input of late, not even a tick: does ingest hang?"
      : "Nothing has been stored of late, not even a tick: is scripts/ingest.sh running?";
  }
}
