import { numberAt } from "../records/measurement.ts";
import { Channels } from "./change/channels.ts";
import { SHARE_MODEL } from "./change/model.ts";
import { grown, type Numbers } from "./change/vectors.ts";
import { type Change, type ChangeOptions, type ChangeSubject, changeDetector } from "./change-detector.ts";
import { formatShare, listed, nameIn, type Words } from "./change-words.ts";
import { CAUSES_MAX, type Detector } from "./detector.ts";
import { arrayOf, isString } from "./snapshot.ts";
import { timeOfDay } from "./wording.ts";

/** Events with a category that the warm-up needs. */
const EVENTS_MIN = 300;
/** Categories that a sentence names. */
const NAMED_MAX = 3;
/** Shares of fewer events than this are not told for what is now. */
const TELLING_EVENTS_MIN = 100;
/** Categories that give up their channel to others for one record. */
const GIVEN_UP_MAX = 64;
/** A category with fewer remembered events than this has not been seen. */
const SEEN_MIN = 0.05;

/**
 * Events come from elsewhere than in the last half hour: ChangeWatch on each category's share of `byKey`, whatever
 * their rate. Warm after 60 s and 300 events with a category. At most 1,000 categories are told apart.
 */
export const shift = ({ perDay, words, recent }: ChangeOptions): Detector =>
  changeDetector(shiftSubject(words), { model: SHARE_MODEL, perDay, events: EVENTS_MIN, recent });

function shiftSubject(words: Words): ChangeSubject {
  const channels = new Channels();
  let counts: Numbers = new Float64Array(0);
  let counted: number[] = [];
  return {
    kind: "shift",
    read({ byKey, fields }, _, watch) {
      if (byKey === undefined) return undefined;
      for (const channel of counted) counts[channel] = 0;
      counted = [];
      let [events, givenUp] = [0, 0];
      const giveUp = () => {
        if (givenUp++ >= GIVEN_UP_MAX) return undefined;
        return watch.giveUp((channel) => (counts[channel] ?? 0) === 0);
      };
      for (const category in byKey) {
        const count = byKey[category]!;
        if (count === 0) continue;
        events += count;
        const channel = channels.of(category, giveUp);
        if (channel === undefined) continue;
        counts = grown(counts, channel + 1);
        counts[channel] = count;
        counted.push(channel);
      }
      counts = grown(counts, channels.size);
      return { counts, channels: channels.size, exposure: events, events: numberAt(fields, "events") };
    },
    facts(change) {
      const [lead] = changedShares(change, channels);
      return { value: lead?.now ?? 0, baseline: lead?.usual ?? 0, field: `share.${lead?.category ?? ""}` };
    },
    why(change) {
      const shares = changedShares(change, channels);
      const whole = shares.reduce((sum, share) => sum + sizeOf(share), 0);
      return shares.slice(0, CAUSES_MAX).map((share) => ({
        category: share.category,
        share: whole === 0 ? 0 : Number((sizeOf(share) / whole).toPrecision(3)),
      }));
    },
    risen: (change) =>
      changedShares(change, channels)
        .filter(({ now, usual }) => now > usual)
        .map(({ category }) => category),
    clause(chapter, change, since) {
      const shares = changedShares(change, channels);
      if (chapter === "resolved") return ending(shares, change, words);
      return `${news(shares, words)}, since ${timeOfDay(since, change.now)}`;
    },
    snapshot: () => [...channels.names],
    restore: (names) => channels.restore(arrayOf({ names }, "names", isString)),
  };
}

/** A category whose share changed: what it has now, and what is usual. */
interface ChangedShare {
  readonly category: string;
  readonly now: number;
  readonly usual: number;
  readonly seen: boolean;
  /** Events that `now` is of. */
  readonly events: number;
}

const sizeOf = ({ now, usual }: ChangedShare): number => Math.abs(now - usual);

/**
 * Those that the watch says changed: the one that it was told for, then the largest change first; after its end, when they
 * hardly differ, as the watch has them.
 */
function changedShares({ watch, recent, from }: Change, channels: Channels): ChangedShare[] {
  const { byCategory, keyed: all } = recent.between(from);
  const shares = watch.changed.map((channel) => {
    const category = channels.names[channel] ?? "";
    const now = all === 0 ? 0 : (byCategory.get(category) ?? 0) / all;
    const seen = watch.remembered(channel) >= SEEN_MIN;
    return { category, now, usual: seen ? watch.usual(channel) : 0, seen, events: all };
  });
  const [lead, ...others] = shares;
  if (lead === undefined || !watch.isFiring) return shares;
  return [lead, ...others.sort((a, b) => sizeOf(b) - sizeOf(a))];
}

function news(shares: readonly ChangedShare[], words: Words): string {
  const parts = shares.slice(0, NAMED_MAX).map(({ category, now, usual, seen }, i) => {
    const name = nameIn(words, category);
    const verb = i === 0 ? " makes up" : "";
    const of = i === 0 ? ` of ${words.noun}s` : "";
    if (!seen) return `${name}, not seen of late,${verb || " has"} ${formatShare(now)}${of}`;
    if (now === 0 && i === 0)
      return `no ${words.noun}s come from ${name} any more, usually ${formatShare(usual)}`;
    return `${name}${verb} ${formatShare(now)}${of} instead of ${formatShare(usual)}`;
  });
  return listed([...parts, ...more(shares)]);
}

function ending(shares: readonly ChangedShare[], { watch }: Change, words: Words): string {
  const isNew = watch.ended === "new-normal";
  const parts = shares.slice(0, NAMED_MAX).map(({ category, now, usual, events }, i) => {
    const share = (of: number) =>
      `${nameIn(words, category)} ${formatShare(of)}${i === 0 ? ` of ${words.noun}s` : ""}`;
    // A share of few events is no share yet.
    if (isNew || events < TELLING_EVENTS_MIN) return share(usual);
    return `${share(now)} (usual is ${formatShare(usual)})`;
  });
  const list = listed([...parts, ...more(shares)]);
  const verb = shares.length === 1 ? "counts" : "count";
  return isNew ? `${list} ${verb} as usual from now on` : `shares are as usual again: ${list}`;
}

/** How many are not named. */
const more = ({ length }: readonly ChangedShare[]): string[] =>
  length > NAMED_MAX ? [`${length - NAMED_MAX} more`] : [];
