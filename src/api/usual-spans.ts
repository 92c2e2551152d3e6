/** Spans that are remembered: of some hours with as many episodes as can be told. */
const SPANS_MAX = 200;

/** Seconds since the Unix epoch, both included. */
interface Span {
  readonly from: number;
  to: number;
}

/** What a second says of what is usual. Times are ms since the Unix epoch. */
export interface UsualHints {
  /** Since when things are out of the ordinary; undefined while all is as usual. */
  readonly unusualSince?: number | undefined;
  /** Since when things are so that they count as usual now. */
  readonly usualFrom?: number | undefined;
}

/** Which seconds show what is usual: those outside of episodes, and since the last change that has come to stay. */
export class UsualSpans {
  #episodes: Span[] = [];
  #usualFrom = Number.NEGATIVE_INFINITY;

  /** Takes what a second says. @returns true when that changes what earlier seconds show. */
  push(second: number, { unusualSince, usualFrom }: UsualHints): boolean {
    const begins = usualFrom === undefined ? Number.NEGATIVE_INFINITY : Math.floor(usualFrom / 1000);
    const hasSettled = begins > this.#usualFrom;
    if (hasSettled) {
      this.#usualFrom = begins;
      this.#episodes = this.#episodes.filter(({ from }) => from < begins);
    }
    if (unusualSince === undefined) return hasSettled;
    const from = Math.floor(unusualSince / 1000);
    const open = this.#episodes.at(-1);
    if (open?.from === from) {
      open.to = second;
      return hasSettled;
    }
    this.#episodes = [...this.#episodes.slice(1 - SPANS_MAX), { from, to: second }];
    return true;
  }

  has(second: number): boolean {
    return (
      second >= this.#usualFrom && !this.#episodes.some(({ from, to }) => second >= from && second <= to)
    );
  }
}
