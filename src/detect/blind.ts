import { formatSpan } from "../core/spans.ts";
import { BLIND_SECONDS, type Detector, type Snapshot, type Verdict } from "./detector.ts";
import { booleanOf, fieldsOf, numberOf, numberOrNull } from "./snapshot.ts";

/**
 * The source is disconnected, or stream time has stood still, for 15 s: source, ingest or store is gone, and nothing
 * can be said about the stream.
 *
 * Time within it is stream time plus how long that has stood still. One record with `stale` >= 15 is enough. Over
 * when a record is connected and fresh. Holds three numbers.
 */
export function blind(): Detector {
  let since: number | null = null;
  let seconds = 0;
  let firing = false;
  let disconnected = false;
  /** Polls have no answer: it is not the source that is gone. */
  let unanswered = false;

  const verdict = (): Verdict => ({
    firing,
    since: since ?? 0,
    value: seconds,
    baseline: null,
    score: seconds,
    threshold: BLIND_SECONDS,
  });

  return {
    id: "blind",
    kind: "blind",
    push(record, { now }) {
      disconnected = !record.connected;
      unanswered = disconnected && "events" in record.fields && record.fields.events === null;
      if (record.connected && record.stale < BLIND_SECONDS) {
        since = null;
        firing = false;
        seconds = record.stale;
        return verdict();
      }
      since ??= now;
      // A store that comes back with older times must not make it shorter.
      seconds = Math.max(firing ? seconds : 0, record.stale, (now + record.stale * 1000 - since) / 1000);
      firing ||= seconds >= BLIND_SECONDS;
      return verdict();
    },
    clause(chapter) {
      if (chapter === "resolved") return "the source is heard again";
      const what = unanswered
        ? "the store has not answered"
        : disconnected
          ? "the source has been disconnected"
          : "neither source nor store has been heard from";
      return `we are blind: ${what} for ${formatSpan(seconds)}, so nothing can be said about the stream`;
    },
    snapshot: (): Snapshot => ({ since, seconds, firing, disconnected, unanswered }),
    restore(snapshot) {
      const fields = fieldsOf(snapshot, "blind");
      since = numberOrNull(fields, "since");
      seconds = numberOf(fields, "seconds");
      firing = booleanOf(fields, "firing");
      disconnected = booleanOf(fields, "disconnected");
      // A state of before this was kept has none.
      unanswered = fields["unanswered"] === true;
    },
  };
}
