import { ToolError } from "../core/errors.ts";
import type { AlertKind, AlertRecord } from "../records/alert.ts";
import type { Measurement } from "../records/measurement.ts";
import type { Judgement } from "./chapters.ts";
import type { Detector, Snapshot } from "./detector.ts";
import { Episodes } from "./episodes.ts";
import { fieldsOf, numberOrNull } from "./snapshot.ts";

/** Streams that one process watches. */
const STREAMS_MAX = 1000;
const VERSION = 1;
const KIND = "check-detect";

export interface WatchesOptions {
  /** Fresh detectors for a stream. */
  readonly detectors: (stream: string) => readonly Detector[];
  /** Left out: nothing is planned. */
  readonly isMuted?: (stream: string, kind: AlertKind, t: number) => boolean;
  /** A chapter was kept back by a planned silence. */
  readonly muted?: () => void;
}

/** What a record led to. */
export interface Judged {
  readonly judgements: readonly Judgement[];
  readonly alerts: readonly AlertRecord[];
}

interface Watch {
  readonly detectors: readonly Detector[];
  readonly episodes: Episodes;
  now: number | null;
}

/** All streams of a run, each with its own detectors and its own story. Holds up to 1000 of them. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #streams = new Map<string, Watch>();

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** @throws ToolError (badInput) past the limit of streams. */
  push(record: Measurement, stream: string): Judged {
    const watch = this.#streams.get(stream) ?? this.#begin(stream);
    const { detectors, episodes } = watch;
    const now = Math.max(record.t, watch.now ?? record.t);
    watch.now = now;
    const moment = { now, frozen: episodes.isOpen };
    const judgements = detectors.map((detector) => ({ detector, verdict: detector.push(record, moment) }));
    return { judgements, alerts: episodes.push(judgements, { now, stale: record.stale }) };
  }

  get size(): number {
    return this.#streams.size;
  }

  #begin(stream: string): Watch {
    if (this.#streams.size >= STREAMS_MAX) {
      throw new ToolError("badInput", `expected at most ${STREAMS_MAX} streams, got one more: ${stream}`);
    }
    const { isMuted = () => false, muted = () => {}, detectors } = this.#options;
    const episodes = new Episodes({ stream, isMuted: (kind, t) => isMuted(stream, kind, t), muted });
    const watch: Watch = { detectors: detectors(stream), episodes, now: null };
    this.#streams.set(stream, watch);
    return watch;
  }

  /** All that a later run needs to go on as if this one had not ended. */
  snapshot(): Snapshot {
    const streams = [...this.#streams].map(([stream, { detectors, episodes, now }]) => [
      stream,
      {
        now,
        episodes: episodes.snapshot(),
        detectors: Object.fromEntries(detectors.map((detector) => [detector.id, detector.snapshot()])),
      },
    ]);
    return { kind: KIND, version: VERSION, streams: Object.fromEntries(streams) };
  }

  /**
   * Goes on from a snapshot. A detector takes its own state up; one that is new, or whose settings changed, starts
   * afresh.
   * @returns the ids of detectors in the snapshot that are watched no longer.
   * @throws ToolError (badInput) when the snapshot is none, or is damaged.
   */
  restore(snapshot: unknown): readonly string[] {
    const fields = fieldsOf(snapshot, "the state");
    if (fields["kind"] !== KIND || fields["version"] !== VERSION) {
      const got = JSON.stringify([fields["kind"] ?? null, fields["version"] ?? null]);
      throw new ToolError("badInput", `expected the state of ${KIND} in version ${VERSION}, got ${got}`);
    }
    const forgotten = new Set<string>();
    for (const [stream, saved] of Object.entries(fieldsOf(fields["streams"], "streams"))) {
      const watch = this.#begin(stream);
      const { now, episodes, detectors } = fieldsOf(saved, stream);
      watch.now = numberOrNull({ now }, "now");
      watch.episodes.restore(episodes);
      const states = new Map(Object.entries(fieldsOf(detectors, "detectors")));
      for (const detector of watch.detectors) {
        if (states.has(detector.id)) detector.restore(states.get(detector.id));
        states.delete(detector.id);
      }
      for (const id of states.keys()) forgotten.add(id);
    }
    return [...forgotten];
  }
}
