import { HeardSeconds, HISTORY_SECONDS, secondOf } from "./stream-time.ts";

/** A leap of stream time longer than this is told in one record, s. */
const LEAP_SECONDS = 60;

/** A record that is due. */
export interface DueRecord {
  /** End of what it tells, stream time, ms. */
  readonly t: number;
  /** Connected seconds since the record before. */
  readonly seconds: number;
  readonly connected: boolean;
}

export interface SecondClockHandlers {
  /** Stream time went on to `time`, ms; what hangs on it moves, before anything is told. It never goes back. */
  advance(time: number): void;
  tell(due: DueRecord): void;
}

/**
 * When a record of each second is due, by stream time.
 *
 * One for each second that stream time completes, at its end; one for a leap of more than a minute; and one at the end
 * of the input, where the last second counts as complete though it is a part. Seconds in which the source was not
 * heard are not counted. Holds those of the last 15 minutes.
 */
export class SecondClock {
  readonly #handlers: SecondClockHandlers;
  readonly #heard = new HeardSeconds();
  #time = Number.NEGATIVE_INFINITY;
  /** End of the second that `#time` lies in. */
  #secondEnd = Number.NEGATIVE_INFINITY;

  constructor(handlers: SecondClockHandlers) {
    this.#handlers = handlers;
  }

  /** As the last mark said; true before the first. */
  get connected(): boolean {
    return this.#heard.connected;
  }

  /** Stream time is at least `time`, ms; tells each second that this completes. */
  advance(time: number, connected = this.connected): void {
    // Most records lie in the second of the one before them, where nothing is due.
    if (time >= this.#secondEnd || !connected || !this.connected) this.#step(time, connected);
    else if (time > this.#time) this.#time = time;
  }

  /** The input ended. No input tells nothing. @param open records since the last one told. */
  end(open: number): void {
    if (this.#time === Number.NEGATIVE_INFINITY) return;
    const second = secondOf(this.#time);
    const begun = this.#time > second * 1000 || open > 0;
    const heard = this.connected && !this.#heard.isBlind(second);
    this.#tell(this.#time, begun && heard ? 1 : 0);
  }

  #step(at: number, connected: boolean): void {
    const from = this.#time;
    const time = Math.max(at, from);
    const begins = from === Number.NEGATIVE_INFINITY;
    // What went on within the second was not marked.
    if (!begins) this.#heard.mark({ time: from, connected: this.connected });
    const blind = this.#heard.mark({ time, connected });
    if (!begins) this.#complete({ from, time, blind });
    this.#time = time;
    this.#secondEnd = (secondOf(time) + 1) * 1000;
    this.#handlers.advance(time);
    this.#heard.forget(secondOf(time) - HISTORY_SECONDS);
  }

  /** Tells the seconds that end between two times. @param blind all of them were. */
  #complete({ from, time, blind }: { from: number; time: number; blind: boolean }): void {
    const [open, current] = [secondOf(from), secondOf(time)];
    const completed = current - open;
    if (completed > LEAP_SECONDS) {
      const lost = blind ? completed : Number(this.#heard.isBlind(open));
      this.#tell(current * 1000, completed - lost);
      return;
    }
    for (let second = open; second < current; second++) {
      this.#tell((second + 1) * 1000, this.#heard.isBlind(second) ? 0 : 1);
    }
  }

  #tell(t: number, seconds: number): void {
    this.#handlers.advance(t);
    this.#handlers.tell({ t, seconds, connected: this.connected });
  }
}
