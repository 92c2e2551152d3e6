import { secondOf } from "../core/stream-time.ts";
import type { Words } from "../detect/change-words.ts";
import { usualRate } from "../detect/usual-rate.ts";
import type { View, Weights } from "../distribution/counts.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { ToldSecond } from "../records/told-second.ts";
import { ALERTS_KEPT } from "./alert-store.ts";
import { choiceOfOne } from "./choose-stream.ts";
import { liveView } from "./live-view.ts";
import { type LookTools, rounds } from "./rounds.ts";
import { type Store, StoreAway } from "./store.ts";

/** Who is told of a stream. */
export interface Follower {
  /** What was before the first look. */
  recall(told: readonly ToldSecond[], totals: (view: View) => Weights): void;
  /** @param id under which the store has it. */
  recallAlert(id: string, alert: AlertRecord): void;
  /** What came since. */
  take(told: readonly ToldSecond[], totals: (view: View) => Weights): void;
  /** @param id under which the store has it. */
  alert(id: string, alert: AlertRecord): void;
  /** Nothing is stored of the stream, or the store does not answer. */
  stand(state: "waiting" | "away"): void;
}

export interface LiveFeedOptions {
  readonly store: Store;
  /** undefined: the only one there. */
  readonly stream: string | undefined;
  readonly wordsOf: (stream: string) => Words;
}

/**
 * One look after the other at a stream in the store, and at its alerts; each tells the follower what is new.
 * @returns a look. It throws ToolError for what will not pass, never StoreAway.
 */
export function liveFeed(
  { store, stream, wordsOf }: LiveFeedOptions,
  follower: Follower,
  tools: LookTools,
): () => Promise<void> {
  const round = rounds(liveView(store), choiceOfOne(stream), tools);
  const usualAfter = usualRate(wordsOf);
  let after: string | undefined;
  let [hasRecords, hasAlerts] = [false, false];

  async function readAlerts(from: string): Promise<void> {
    for (const { id, alert } of await store.alerts({ stream: from, after, max: ALERTS_KEPT })) {
      if (hasAlerts) follower.alert(id, alert);
      else follower.recallAlert(id, alert);
      after = id;
    }
    hasAlerts = true;
  }

  return async () => {
    const [seen] = await round();
    if (seen?.found === "away") return follower.stand("away");
    if (seen?.found !== "there" || seen.told === undefined) {
      // What comes after nothing is news.
      [hasRecords, hasAlerts] = [true, true];
      return follower.stand("waiting");
    }
    const { stream: name, records, totals } = seen.told;
    const told = records.map((record) => ({
      // Its time is the end of the second, or, of the last one, how things are now.
      second: secondOf(record.t) - 1,
      record,
      usual: usualAfter(record),
    }));
    if (hasRecords) follower.take(told, (view) => totals[view]);
    else follower.recall(told, (view) => totals[view]);
    hasRecords = true;
    try {
      await readAlerts(name);
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      follower.stand("away");
    }
  };
}
