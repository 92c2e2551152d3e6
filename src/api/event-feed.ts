import type { Stage } from "../core/stage.ts";
import { secondOf } from "../core/stream-time.ts";
import type { Detector } from "../detect/detector.ts";
import { usualWatch } from "../detect/usual-watch.ts";
import { CategorySums } from "../distribution/category-sums.ts";
import type { CountRule } from "../distribution/count-rule.ts";
import { eventStats, type StatsInput, type WindowPart } from "../distribution/event-stats.ts";
import { UnusualStreams } from "../distribution/unusualness/unusual-streams.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { EventAtHand, TickAtHand } from "../records/event-reader.ts";
import type { ShownEvent } from "../records/shown-event.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { LiveStream } from "./live-stream.ts";

/** Improbable events that are told a day, as unusualness has it. */
const UNUSUAL_A_DAY = 10;

export interface EventFeedOptions {
  readonly live: LiveStream;
  /** The stream that is followed; undefined: the first that comes. */
  readonly stream: string | undefined;
  readonly rule: CountRule;
  /** Keeps the window of gaps. */
  readonly window: WindowPart;
  /** What is watched, of a stream. */
  readonly detectors: (stream: string) => readonly Detector[];
  /** How an event is shown. */
  readonly show: (event: EventAtHand) => ShownEvent;
  /** Told of each event whose category is one too many. */
  readonly refused: () => void;
  /** Told once, of the first stream that is not followed. */
  readonly stray: (stream: string, followed: string) => void;
}

/** What events and ticks are given to. */
export interface EventFeed {
  /** @returns false for one of another stream than is followed. */
  event(event: EventAtHand, category: string | null): boolean;
  tick(tick: TickAtHand): boolean;
  /** The input ended. */
  end(): void;
}

/**
 * Follows one stream's events without a store: counts them, watches them as check-detect and unusualness do, and tells a
 * LiveStream. Holds what `stats --stdin`, check-detect and unusualness hold of one stream.
 */
export function eventFeed({ live, stream, stray, ...options }: EventFeedOptions): EventFeed {
  let followed: { readonly name: string; readonly stage: ReturnType<Stage<StatsInput, never>> } | undefined;
  let strayed = false;
  let alerts = 0;
  let current: EventAtHand | undefined;
  const alert = (record: AlertRecord) => live.alert(String(++alerts), record);
  const show = () => options.show(current!);
  const unusual = unusualOf(options, alert);

  function stageOf(name: string): ReturnType<Stage<StatsInput, never>> | undefined {
    const chosen = stream ?? followed?.name ?? name;
    if (name === chosen) {
      followed ??= { name, stage: watchedStage({ ...options, live, alert, show, name }) };
      return followed.stage;
    }
    if (!strayed) stray(name, chosen);
    strayed = true;
    return undefined;
  }

  return {
    event(event, key) {
      const stage = stageOf(event.stream);
      if (stage === undefined) return false;
      current = event;
      stage.push({ kind: "event", t: event.t, at: event.at, key, connected: true });
      unusual.push(event);
      return true;
    },
    tick({ stream: name, at, connected }) {
      const stage = stageOf(name);
      if (stage === undefined) return false;
      live.expectTicks();
      stage.push({ kind: "tick", t: at, at, key: null, connected });
      unusual.tick(name, at);
      return true;
    },
    end: () => followed?.stage.end?.(),
  };
}

/** Counts a stream's events, judges each second, and tells it before the alerts that it leads to. */
function watchedStage({
  live,
  rule,
  window,
  detectors,
  refused,
  alert,
  show,
  name,
}: Pick<EventFeedOptions, "live" | "rule" | "window" | "detectors" | "refused"> & {
  readonly alert: (record: AlertRecord) => void;
  readonly show: () => ShownEvent;
  readonly name: string;
}): ReturnType<Stage<StatsInput, never>> {
  const sums = new CategorySums(rule);
  const watch = usualWatch(detectors);
  function judge(record: StatsRecord): void {
    const { usual, alerts } = watch(record);
    // Its time is the end of the second, or, at the end of the input, within it.
    const second = secondOf(record.t - 1);
    const { rate, ...hints } = usual;
    live.take([{ second, record, usual: rate, ...hints }], (view) => sums.weights(view));
    for (const one of alerts) alert(one);
  }
  return eventStats({ stream: name, rule, over: "recent", sums, refused, show, window })(judge);
}

const unusualOf = (
  { rule, show }: Pick<EventFeedOptions, "rule" | "show">,
  alert: (record: AlertRecord) => void,
) =>
  new UnusualStreams<EventAtHand>({
    rule: { perDay: UNUSUAL_A_DAY },
    categoriesMax: rule.categoriesMax,
    scores: false,
    show,
    alert,
    startOf: () => undefined,
    counted() {},
    heldBack() {},
    overBudget() {},
    beyond() {},
  });
