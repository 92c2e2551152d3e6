import { SecondClock } from "../core/second-clock.ts";
import type { Stage } from "../core/stage.ts";
import { secondOf } from "../core/stream-time.ts";
import { UNKNOWN_SPREAD } from "../records/distribution.ts";
import { silenceAt, type WindowFields } from "../records/rate.ts";
import { sampleOf } from "../records/sample-event.ts";
import { type StatsRecord, statsRecord } from "../records/stats.ts";
import { CategorySums } from "./category-sums.ts";
import { type CountRule, categoryOf, isLate, whyUncounted } from "./count-rule.ts";
import type { View } from "./counts.ts";
import { FreshCounts } from "./fresh-counts.ts";
import { SampleChooser, type ShowEvent } from "./sampling.ts";
import { spreadOf } from "./spread.ts";

/** An event or a tick, as far as rate and distribution go by it. */
export interface StatsInput {
  readonly kind: "event" | "tick";
  /** Event time of an event, ms since the Unix epoch. */
  readonly t: number;
  /** Arrival time of an event; of a tick, stream time, ms since the Unix epoch. */
  readonly at: number;
  /** Of an event: its category, or null. */
  readonly key: string | null;
  /** Of a tick. */
  readonly connected: boolean;
}

/** What keeps the window of the gaps between the same events. */
export interface WindowPart {
  push(event: StatsInput): void;
  /** Stream time went on though nothing came. */
  tick(now: number): void;
  end(): void;
  /** Stream time is `time`, ms. */
  advance(time: number): void;
  fields(): WindowFields;
}

export interface EventStatsOptions {
  readonly stream: string;
  readonly rule: CountRule;
  /** The view whose entropy is told; undefined: none, which is quicker. */
  readonly over: View | undefined;
  /** Told of each event whose category is one too many, or whose key is too long for one. */
  readonly refused: () => void;
  /** Shows the event that is being pushed; undefined: records have no examples, which is quicker. */
  readonly show?: ShowEvent | undefined;
  /** Where the totals are kept, for who looks at them in between; left out: within. */
  readonly sums?: CategorySums;
  /** Used by this stage alone. */
  readonly window: WindowPart;
}

/**
 * Rate and distribution of events, second by second of stream time (SecondClock); `t` of a record is the end of its
 * second. `events` are fresh ones, and those of all records, with `late`, add up to the events; `examples` are a few of
 * them. No input gives no record. Holds the window and three numbers a category.
 */
export function eventStats({
  stream,
  rule,
  over,
  refused,
  show,
  sums = new CategorySums(rule),
  window,
}: EventStatsOptions): Stage<StatsInput, StatsRecord> {
  return (emit) => {
    const chooser = new SampleChooser();
    let fresh = new FreshCounts();
    const clock = new SecondClock({
      advance(time) {
        window.advance(time);
        sums.advance(time);
      },
      tell({ t, seconds, connected }) {
        const silence = silenceAt(t, sums.newest);
        emit(
          statsRecord(
            { t, stream, silence, connected, stale: 0 },
            {
              window: window.fields(),
              events: { seconds, ...fresh.fields() },
              spread: over === undefined ? UNKNOWN_SPREAD : spreadOf(sums.weights(over), over),
            },
          ),
        );
        fresh = new FreshCounts();
      },
    });
    function addFresh(category: string | null, key: string | null): void {
      fresh.addFresh(category);
      if (show === undefined) return;
      // Not its place among the sums: who writes into a store chooses the same, and does not know that.
      const own = categoryOf(key, rule);
      if (!chooser.chooses(own, secondOf(sums.time))) return;
      const sample = sampleOf(show(), own ?? key);
      if (sample !== undefined) fresh.addSample(sample);
    }
    return {
      push(input) {
        const { kind, t, at, key, connected } = input;
        if (kind === "tick") {
          clock.advance(at, connected);
          window.tick(at);
          return;
        }
        clock.advance(at);
        const category = sums.add(key, t, at);
        if (category === null && whyUncounted(key, rule) === "refused") refused();
        if (isLate(t, at, rule)) fresh.addLate();
        else addFresh(category, key);
        window.push(input);
      },
      end() {
        window.end();
        clock.end(fresh.size);
      },
    };
  };
}
