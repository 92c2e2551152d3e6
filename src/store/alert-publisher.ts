import type { Clock } from "../core/clock.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { backOff } from "../core/retry.ts";
import { formatNumber } from "../core/spans.ts";
import type { AlertRecord } from "../records/alert.ts";
import { ALERTS_KEPT, type AlertStore } from "./alert-store.ts";
import { outageLog } from "./outage-log.ts";
import { withDeadline } from "./reach.ts";
import { StoreAway } from "./store.ts";

/** Alerts that may wait for the store: it would not keep more of a stream itself. */
const WAITING_MAX = ALERTS_KEPT;
/** Alerts that go at once. */
const BATCH_MAX = 100;
/** Ceilings of the waits between two tries, ms. */
const RETRY_MS = { first: 50, max: 1000 } as const;
/** How long a store that is away is waited for at the end, s. */
const PATIENCE_SECONDS = 60;
/** How long once the tool is told to stop, s: that is a second after SIGTERM, and the process has five. */
const HURRY_SECONDS = 3;

export interface AlertPublisherOptions {
  readonly store: Pick<AlertStore, "publish">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Publishes alerts beside the pipe that they go through, which never waits for it: in the order in which they came, one
 * batch after the other, several streams apart. A store that goes away is waited out and sent the same batch again, so
 * that an alert may be there twice, but is not lost while the process lives. One that refuses is asked no more.
 *
 * Holds up to 1,000 alerts; of more the oldest are let go, with a warning.
 */
export class AlertPublisher {
  readonly #options: AlertPublisherOptions;
  readonly #outage: ReturnType<typeof outageLog>;
  #queue: AlertRecord[] = [];
  /** Alerts of the batch that is on its way. */
  #inFlight = 0;
  #leftOut = 0;
  #running: Promise<void> | undefined;
  #failure: unknown;
  /** When a store that is away is given up, by the clock's elapsed time, ms. */
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: AlertPublisherOptions) {
    this.#options = options;
    this.#outage = outageLog(options);
  }

  /** Alerts given and not published yet. */
  get waiting(): number {
    return this.#queue.length + this.#inFlight;
  }

  /** Takes an alert; it is on its way, or waits, when this returns. After a refusal it is only counted. Never throws. */
  push(alert: AlertRecord): void {
    if (this.#failure !== undefined) {
      this.#leftOut++;
      return;
    }
    this.#queue.push(alert);
    if (this.waiting > WAITING_MAX) this.#leaveOutOldest();
    this.#send();
  }

  /**
   * Publishes what waits, for up to 60 s while the store is away, and up to 3 s once `stop` aborts.
   * @throws ToolError (unavailable) after that, with the number that was not published; what the store refused with.
   */
  async finish(stop: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const endWithin = (seconds: number) => {
      this.#deadline = Math.min(this.#deadline, clock.elapsed() + seconds * 1000);
    };
    const hurry = () => endWithin(HURRY_SECONDS);
    endWithin(stop.aborted ? HURRY_SECONDS : PATIENCE_SECONDS);
    stop.addEventListener("abort", hurry, { once: true });
    this.#send();
    await this.#running;
    stop.removeEventListener("abort", hurry);
    const missing = this.waiting + this.#leftOut;
    const words = `${formatNumber(missing)} alert${missing === 1 ? " was" : "s were"} not published`;
    const facts = { notPublished: missing };
    if (this.#failure instanceof StoreAway) {
      const message = `Redis stayed away at the end (${this.#failure.message}): ${words}`;
      throw new ToolError("unavailable", message, { cause: this.#failure, facts });
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (missing > 0) log.warning(`${words}: too many came while others waited`, facts);
  }

  #leaveOutOldest(): void {
    // invariant: a batch is smaller than what may wait, so the oldest that is not on its way is in the queue.
    this.#queue.shift();
    if (this.#leftOut++ > 0) return;
    this.#options.log.warning(
      `more than ${formatNumber(WAITING_MAX)} alerts wait to be published: the oldest of them will not be`,
      { waiting: this.waiting },
    );
  }

  #send(): void {
    if (this.#running !== undefined || this.#failure !== undefined || this.#queue.length === 0) return;
    this.#running = this.#run();
  }

  /** Publishes until nothing waits. Never rejects. */
  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue.splice(0, BATCH_MAX);
        this.#inFlight = batch.length;
        for (const [stream, alerts] of byStream(batch)) {
          await this.#deliver(stream, alerts);
          this.#inFlight -= alerts.length;
        }
      }
    } catch (error) {
      this.#failure = error;
      // Who reads the pipe gets every alert all the same.
      if (!(error instanceof StoreAway))
        this.#options.log.error(`no more alerts are published: ${reasonOf(error)}`);
    } finally {
      // In the same turn as the look into the queue, so that nothing is put there in between and stays.
      this.#running = undefined;
    }
  }

  async #deliver(stream: string, alerts: readonly AlertRecord[]): Promise<void> {
    const { clock } = this.#options;
    const wait = backOff({ ...RETRY_MS, random: Math.random });
    for (;;) {
      const pause = wait.next();
      try {
        await this.#publish(stream, alerts);
        this.#outage.back();
        return;
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        this.#outage.away(error.message, () => ({
          words: `${formatNumber(this.waiting)} alerts`,
          facts: { waiting: this.waiting },
        }));
        if (clock.elapsed() + pause >= this.#deadline) throw error;
      }
      await clock.sleep(pause);
    }
  }

  /** One try; at the end it is cut short, for a server that hangs must not outlast the process. */
  async #publish(stream: string, alerts: readonly AlertRecord[]): Promise<void> {
    const { store, clock } = this.#options;
    const published = store.publish(stream, alerts);
    if (this.#deadline === Number.POSITIVE_INFINITY) return published;
    return withDeadline(published, this.#deadline - clock.elapsed(), clock);
  }
}

function byStream(alerts: readonly AlertRecord[]): ReadonlyMap<string, readonly AlertRecord[]> {
  const streams = new Map<string, AlertRecord[]>();
  for (const alert of alerts) {
    const own = streams.get(alert.stream);
    if (own === undefined) streams.set(alert.stream, [alert]);
    else own.push(alert);
  }
  return streams;
}
