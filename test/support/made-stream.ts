import { Random } from "../../src/simulate/random.ts";

/** What comes in a second of a made-up stream. */
export interface Mix {
  /** Events a second. */
  readonly rate: number;
  /** The weights of categories. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Ten RSVPs a second from eight states. */
export const CALM: Mix = {
  rate: 10,
  weights: { CA: 24, NY: 18, TX: 11, WA: 10, IL: 9, MA: 9, FL: 9, RI: 3, AK: 0.3 },
};
/** Forty a second, most of the more from Texas. */
export const SURGE: Mix = { rate: 40, weights: { ...CALM.weights, TX: 250 } };

/**
 * A stream of RSVPs as `ingest` writes it, in memory: second after second, each as full as its mix says.
 *
 * The same seed gives the same events; times begin so that the first `past` seconds end now.
 */
export class MadeStream {
  readonly #random = new Random("page");
  #second: number;
  #id = 0;

  constructor(past: number) {
    this.#second = Math.floor(Date.now() / 1000) - past;
  }

  /** The next seconds of a mix, each with the tick that ends it. */
  seconds(count: number, mix: Mix): string {
    let lines = "";
    for (let i = 0; i < count; i++, this.#second++) {
      for (let j = 0; j < mix.rate; j++)
        lines += this.#event(this.#second * 1000 + (j * 1000) / mix.rate, mix);
      const end = (this.#second + 1) * 1000;
      lines += `${JSON.stringify({ tick: end, at: end, stream: "demo", connected: true })}\n`;
    }
    return lines;
  }

  /** One event now, of a category and with words of one's own. */
  event(key: string, words: string, url: string): string {
    return eventLine(this.#second * 1000, { id: `x${++this.#id}`, key, words, url });
  }

  #event(t: number, { weights }: Mix): string {
    const id = `${++this.#id}`;
    const key = this.#category(weights);
    return eventLine(t, {
      id,
      key,
      words: `Walk number ${id}`,
      url: `https://www.example.com/events/${id}/`,
    });
  }

  #category(weights: Mix["weights"]): string {
    const entries = Object.entries(weights);
    let rest = this.#random.uniform() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      rest -= weight;
      if (rest < 0) return key;
    }
    return entries[0]![0];
  }
}

function eventLine(
  t: number,
  {
    id,
    key,
    words,
    url,
  }: { readonly id: string; readonly key: string; readonly words: string; readonly url: string },
): string {
  const event = {
    rsvp_id: id,
    event: { event_name: words, event_url: url },
    group: { group_state: key },
    mtime: t,
  };
  return `${JSON.stringify({ t: Math.round(t), at: Math.round(t), stream: "demo", key, id, event })}\n`;
}
