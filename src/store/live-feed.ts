import { secondOf } from "../core/stream-time.ts";
import type { Words } from "../detect/change-words.ts";
import { defaultDetectors, usualWatch } from "../detect/usual-watch.ts";
import type { View, Weights } from "../distribution/counts.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { ToldSecond } from "../records/told-second.ts";
import { ALERTS_KEPT } from "./alert-store.ts";
import { choiceOfOne, nothingStored } from "./choose-stream.ts";
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
  /** Nothing is stored of the stream (`detail` says what there is), or the store does not answer. */
  stand(state: "waiting" | "away", detail?: string): void;
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
  const view = liveView(store);
  const round = rounds(view, choiceOfOne(stream), tools);
  const watch = usualWatch(defaultDetectors(wordsOf));
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

  async function follow(): Promise<void> {
    const [seen] = await round();
    if (seen?.found === "away") return follower.stand("away");
    if (seen?.found !== "there" || seen.told === undefined) {
      // What comes after nothing is news.
      [hasRecords, hasAlerts] = [true, true];
      return follower.stand(
        "waiting",
        sentence((await nothingStored(view, stream === undefined ? [] : [stream])).message),
      );
    }
    const { stream: name, records, totals } = seen.told;
    const told = records.map((record): ToldSecond => {
      const { rate, ...hints } = watch(record).usual;
      // Its time is the end of the second, or, of the last one, how things are now.
      return { second: secondOf(record.t) - 1, record, usual: rate, ...hints };
    });
    if (hasRecords) follower.take(told, (view) => totals[view]);
    else follower.recall(told, (view) => totals[view]);
    hasRecords = true;
    await readAlerts(name);
  }

  return async () => {
    try {
      await follow();
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      follower.stand("away");
    }
  };
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
