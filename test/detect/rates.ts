/** Deterministic uniform numbers on (0, 1): mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

export const START = Date.parse("2026-03-19T12:00:00Z");

/** Event times, s since START, of a Poisson stream whose rate at a time is `rate`, up to `seconds`. */
export function poissonEvents(rate: (second: number) => number, seconds: number, seed = 1): number[] {
  const random = uniform(seed);
  const rateMax = Math.max(...Array.from({ length: 200 }, (_, i) => rate((i * seconds) / 200)), 1e-9);
  const events: number[] = [];
  // Thinning: Lewis and Shedler 1979.
  for (let s = 0; ; ) {
    s += -Math.log(random()) / rateMax;
    if (s >= seconds) return events;
    if (random() * rateMax < rate(s)) events.push(s);
  }
}

export interface PollOptions {
  readonly seconds: number;
  /** Between two polls, s. */
  readonly every?: number;
  readonly lateness?: number;
  readonly window?: number;
  readonly stream?: string;
}

/** Rate records as avg gives them, polling a stream whose events happen at these times (s since START). */
export function polls(events: readonly number[], options: PollOptions): Record<string, unknown>[] {
  const { seconds, every = 1, lateness = 5, window = 120, stream } = options;
  const records: Record<string, unknown>[] = [];
  let oldest = 0;
  let next = 0;
  let before = 0;
  for (let now = every; now <= seconds; now += every) {
    while (next < events.length && events[next]! <= now - lateness) next++;
    while (oldest < next && events[oldest]! < now - lateness - window) oldest++;
    const count = Math.max(0, next - oldest - 1);
    const span = count === 0 ? 0 : events[next - 1]! - events[oldest]!;
    const avg = count === 0 ? null : span / count;
    records.push({
      t: START + now * 1000,
      ...(stream === undefined ? {} : { stream }),
      avg,
      rate: avg === null || avg === 0 ? null : 1 / avg,
      count,
      window,
      events: next - before,
      seconds: every,
      silence: next === 0 ? null : Math.round((now - events[next - 1]!) * 1000) / 1000,
      connected: true,
      stale: 0.2,
    });
    before = next;
  }
  return records;
}

export const lines = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");
