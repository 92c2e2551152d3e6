import type { AlertKind, AlertRecord, AlertState } from "../records/alert.ts";
import { ALERT_KINDS } from "../records/alert.ts";
import { type ChapterOf, chapterRecord, type Judgement } from "./chapters.ts";
import { PRECEDENCE, type Snapshot } from "./detector.ts";
import { arrayOf, fieldsOf, isNumber, isString, numberOf, stringOf } from "./snapshot.ts";

/** After an end nothing new fires for so long, ms of stream time. */
const COOL_DOWN_MS = 60_000;
/** The first reminder comes after so long, the next ones after twice the time each, ms. */
const REMINDER_MS = 300_000;
/** A reminder waits until something new is so old, ms. */
const REMINDER_APART_MS = 60_000;

/** An episode that was told and is not over. */
interface OpenEpisode {
  readonly kind: AlertKind;
  readonly since: number;
  readonly firedAt: number;
  /** Time of its last chapter. */
  lastAt: number;
  /** Time of the last chapter that told something new. */
  toldAt: number;
  /** When the next reminder is due, ms after firedAt. */
  reminderAfter: number;
  /** Ids of the detectors that fired, in that order. */
  readonly members: string[];
}

export interface EpisodesOptions {
  readonly stream: string;
  /** A planned silence covers alerts of this kind at this time, ms. */
  readonly isMuted: (kind: AlertKind, t: number) => boolean;
  /** A chapter was kept back by a planned silence. */
  readonly muted: () => void;
}

/** Where the record stands: `now` is stream time; `stale` how long it has stood still, s. */
export interface EpisodeMoment {
  readonly now: number;
  readonly stale: number;
}

/**
 * Turns what the detectors of one stream say into a story: at most one open episode, which others join.
 *
 * - An episode fires once, is updated when others join (once each), is recalled after 5, 10, 20 … min, and is resolved
 *   when all its members are quiet. After that nothing fires for 60 s; what still fires then, fires then.
 * - While a detector of higher precedence fires, the others start nothing and join nothing. When the highest (blind)
 *   fires, the open episode of another kind ends with reason `blind`, and blindness is told at once.
 * - A planned silence keeps back all but the end of what was told before it; what lasts beyond it fires then.
 */
export class Episodes {
  readonly #options: EpisodesOptions;
  #open: OpenEpisode | undefined;
  #coolUntil = 0;
  /** An episode that began earlier counts from here, so that no two have one id. */
  #resumeFrom = 0;
  /** Since when the last episode was. */
  #lastSince = Number.NEGATIVE_INFINITY;
  /** Detectors that a planned silence keeps back now. */
  #keptBack: string[] = [];

  constructor(options: EpisodesOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The chapters that a record's verdicts make: usually none. */
  push(judgements: readonly Judgement[], moment: EpisodeMoment): AlertRecord[] {
    const firing = judgements.filter(({ verdict }) => verdict.firing);
    if (firing.length === 0 && this.#open === undefined) {
      this.#keptBack = [];
      return [];
    }
    const rank = Math.max(...firing.map(({ detector }) => PRECEDENCE[detector.kind]));
    const loudest = firing.filter(({ detector }) => PRECEDENCE[detector.kind] === rank);
    const alerts: AlertRecord[] = [];
    const cutShort = this.#cutShort(judgements, rank, moment);
    if (cutShort !== undefined) alerts.push(cutShort);
    const candidates = this.#audible(loudest, moment);
    if (this.#open !== undefined) alerts.push(...this.#continue(this.#open, judgements, candidates, moment));
    else if (candidates.length > 0 && (cutShort !== undefined || moment.now >= this.#coolUntil)) {
      alerts.push(this.#begin(candidates, moment));
    }
    return alerts;
  }

  /** Blindness ends an episode of another kind. */
  #cutShort(judgements: readonly Judgement[], rank: number, moment: EpisodeMoment): AlertRecord | undefined {
    const open = this.#open;
    if (open === undefined || rank !== PRECEDENCE.blind || open.kind === "blind") return undefined;
    const t = Math.max(open.lastAt, timeWithin("blind", moment));
    this.#open = undefined;
    this.#resumeFrom = t;
    return this.#chapter(open, judgements, { state: "resolved", t, reason: "blind" });
  }

  /** Those that no planned silence keeps back; each of the others is counted once. */
  #audible(loudest: readonly Judgement[], moment: EpisodeMoment): Judgement[] {
    const isTold = ({ detector }: Judgement) => this.#open?.members.includes(detector.id) === true;
    const hidden = loudest.filter(
      (judgement) => !isTold(judgement) && this.#isMuted(judgement.detector.kind, moment),
    );
    for (const { detector } of hidden) if (!this.#keptBack.includes(detector.id)) this.#options.muted();
    this.#keptBack = hidden.map(({ detector }) => detector.id);
    return loudest.filter((judgement) => !hidden.includes(judgement));
  }

  #begin(candidates: readonly Judgement[], moment: EpisodeMoment): AlertRecord {
    const { detector, verdict } = candidates[0]!;
    const t = timeWithin(detector.kind, moment);
    const earliest = detector.kind === "blind" ? verdict.since : Math.max(verdict.since, this.#resumeFrom);
    // What comes and goes within one time would have one id.
    const since = Math.max(Math.round(earliest), this.#lastSince + 1);
    this.#lastSince = since;
    this.#open = {
      kind: detector.kind,
      since,
      firedAt: t,
      lastAt: t,
      toldAt: t,
      reminderAfter: REMINDER_MS,
      members: candidates.map((candidate) => candidate.detector.id),
    };
    return this.#chapter(this.#open, candidates, { state: "firing", t });
  }

  #continue(
    open: OpenEpisode,
    judgements: readonly Judgement[],
    candidates: readonly Judgement[],
    moment: EpisodeMoment,
  ): AlertRecord[] {
    const t = Math.max(open.lastAt, timeWithin(open.kind, moment));
    open.lastAt = t;
    const members = membersOf(open, judgements);
    // The end comes first: what fires only now, perhaps because this one muted it, is another story.
    if (members.every(({ verdict }) => !verdict.firing)) {
      this.#open = undefined;
      this.#coolUntil = moment.now + COOL_DOWN_MS;
      const reason = members[0]?.verdict.ended ?? "returned";
      return [this.#chapter(open, judgements, { state: "resolved", t, reason })];
    }
    const joining = candidates.filter(({ detector }) => !open.members.includes(detector.id));
    open.members.push(...joining.map(({ detector }) => detector.id));
    if (joining.length > 0 || members.some(({ verdict }) => verdict.turned === true)) {
      open.toldAt = t;
      return [this.#chapter(open, judgements, { state: "update", t })];
    }
    return this.#remind(open, judgements, moment);
  }

  #isMuted(kind: AlertKind, moment: EpisodeMoment): boolean {
    return this.#options.isMuted(kind, timeWithin(kind, moment));
  }

  #remind(open: OpenEpisode, judgements: readonly Judgement[], moment: EpisodeMoment): AlertRecord[] {
    const t = open.lastAt;
    if (t - open.firedAt < open.reminderAfter || t - open.toldAt < REMINDER_APART_MS) return [];
    // After a leap the reminders that it passed over are one.
    while (t - open.firedAt >= open.reminderAfter) open.reminderAfter *= 2;
    if (!this.#isMuted(open.kind, moment)) {
      return [this.#chapter(open, judgements, { state: "reminder", t })];
    }
    this.#options.muted();
    return [];
  }

  #chapter(
    open: OpenEpisode,
    judgements: readonly Judgement[],
    { state, t, reason }: { state: AlertState; t: number; reason?: NonNullable<ChapterOf["reason"]> },
  ): AlertRecord {
    return chapterRecord({
      stream: this.#options.stream,
      kind: open.kind,
      since: open.since,
      state,
      t,
      members: membersOf(open, judgements),
      earliest: this.#resumeFrom,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  snapshot(): Snapshot {
    return {
      open: this.#open === undefined ? null : { ...this.#open, members: [...this.#open.members] },
      coolUntil: this.#coolUntil,
      resumeFrom: this.#resumeFrom,
      lastSince: Number.isFinite(this.#lastSince) ? this.#lastSince : null,
      keptBack: [...this.#keptBack],
    };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "episodes");
    this.#open = fields["open"] === null ? undefined : restoredEpisode(fields["open"]);
    this.#coolUntil = numberOf(fields, "coolUntil");
    this.#resumeFrom = numberOf(fields, "resumeFrom");
    // A state of before this was kept has none.
    this.#lastSince = isNumber(fields["lastSince"]) ? fields["lastSince"] : Number.NEGATIVE_INFINITY;
    this.#keptBack = arrayOf(fields, "keptBack", isString);
  }
}

/** Blindness goes by stream time plus how long that has stood still; all else by stream time. */
const timeWithin = (kind: AlertKind, { now, stale }: EpisodeMoment): number =>
  kind === "blind" ? Math.round(now + stale * 1000) : now;

/** Members that are still watched, in the order in which they fired. */
const membersOf = (open: OpenEpisode, judgements: readonly Judgement[]): Judgement[] =>
  open.members.flatMap((id) => judgements.filter(({ detector }) => detector.id === id));

function restoredEpisode(value: unknown): OpenEpisode {
  const fields = fieldsOf(value, "open");
  const kind = ALERT_KINDS.find((candidate) => candidate === stringOf(fields, "kind"));
  return {
    kind: kind ?? "threshold",
    since: numberOf(fields, "since"),
    firedAt: numberOf(fields, "firedAt"),
    lastAt: numberOf(fields, "lastAt"),
    toldAt: isNumber(fields["toldAt"]) ? fields["toldAt"] : numberOf(fields, "firedAt"),
    reminderAfter: numberOf(fields, "reminderAfter"),
    members: arrayOf(fields, "members", isString),
  };
}
