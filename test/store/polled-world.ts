import { logOf } from "../../src/core/log.ts";
import { Tally } from "../../src/core/tally.ts";
import type { RateRecord } from "../../src/records/rate.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { pollStream } from "../../src/store/poll-stream.ts";
import { rateView } from "../../src/store/rate-view.ts";
import { StoreAway } from "../../src/store/store.ts";
import { choiceOf } from "../../src/store/streams-option.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { batchOf, NOON } from "./contract.ts";

/** A stream that flows: so many events in each second, from one second of the clock up to another. */
export interface Flow {
  readonly rate: number;
  readonly from: number;
  readonly to: number;
}

/** A store in memory, whose streams go on by a fake clock, and which can fail. */
export function polledWorld() {
  const clock = fakeClock(NOON);
  const store = memoryStore(clock);
  const said: string[] = [];
  const tally = new Tally("readings", "polls");
  /** Nothing is answered about these; "*": about none at all. */
  const unanswered = new Set<string>();
  const forgotten = new Set<string>();
  /** Names of streams that were read, in order. */
  const reads: string[] = [];
  const answering = (name: string) => {
    if (unanswered.has("*") || unanswered.has(name)) throw new StoreAway("no answer");
  };
  const view = rateView({
    async streams(branch) {
      answering("*");
      return (await store.streams(branch)).filter((name) => !forgotten.has(name));
    },
    async read(request) {
      reads.push(request.stream);
      answering(request.stream);
      return forgotten.has(request.stream) ? undefined : store.read(request);
    },
  });

  return {
    clock,
    view,
    said,
    tally,
    reads,
    unanswered,
    forgotten,
    /** Stores the events of each second towards its end. */
    flow(stream: string, { rate, from, to }: Flow): void {
      for (let second = from; second < to; second++) {
        const gaps = Array.from({ length: rate }, (_, i) => ({
          at: NOON + second * 1000 + Math.floor((i * 900) / rate),
          micros: Math.round(1e6 / rate),
        }));
        clock.at(second * 1000 + 900, () => void store.commit(batchOf(gaps, { stream })));
      }
    },
    /** Polls until the clock shows this, s. Gives what each poll told. */
    async poll(names: readonly string[], { until, every = 1 }: { until: number; every?: number }) {
      const rounds: (readonly RateRecord[])[] = [];
      const ending = new AbortController();
      clock.at(until * 1000 + 1, () => ending.abort());
      await pollStream(
        view,
        { every, choice: choiceOf(names) },
        {
          ...{ clock, tally, ending: ending.signal },
          log: logOf((severity, message) => said.push(`${severity} ${message}`)),
          records: {
            writeAll: (records) => rounds.push(records as RateRecord[]),
            ready: () => undefined,
          },
        },
      );
      return rounds;
    },
  };
}
