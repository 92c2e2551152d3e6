import type { Stage } from "../../core/stage.ts";
import { Allowance } from "./allowance.ts";
import { PresentRate } from "./present-rate.ts";
import type { ScoredEvent } from "./scored-events.ts";

/** Above this share of never seen categories, one more of them is nothing to tell. */
const NEW_SHARE_MAX = 0.02;
/** However few events there are, one is not improbable when more than this share are as improbable. */
const RARITY_MAX = 0.01;
const DAY_SECONDS = 86_400;

/** Why an event is told: its category is new; few are as improbable; or its probability is below what was asked for. */
export type Reason = "new" | "rare" | "below";

/** An event to tell of. */
export interface Finding {
  readonly event: ScoredEvent;
  readonly reason: Reason;
  /** What was compared with the threshold, and is no more: the share of new categories, the rarity, or the probability. */
  readonly score: number;
  readonly threshold: number;
}

export interface BudgetOptions {
  /**
   * Findings a day: so many rare ones are to be expected while nothing is wrong, and no more are given at once or in the
   * long run. New categories, whose number is up to the source, are half of them at most (where half is less than one: one).
   */
  readonly perDay: number;
  /** A finding was kept back because the day's are used up, or those of new categories are. */
  readonly heldBack: (now: number) => void;
}

/**
 * Finds the improbable events of one stream: those whose category was never seen, unless new ones are commonplace, and
 * those so rare that, at the present rate, no more than `perDay` a day are. What exceeds that all the same is kept back;
 * new categories are kept back sooner, so that a trickle of them leaves room for what is known and rare.
 */
export const findingsWithin =
  ({ perDay, heldBack }: BudgetOptions): Stage<ScoredEvent, Finding> =>
  (emit) => {
    const rate = new PresentRate();
    const allowance = new Allowance(perDay);
    const allowanceOfNew = new Allowance(Math.max(1, perDay / 2));
    /** Takes room for a finding, all of it or nothing. */
    function takeRoom({ reason, event: { now } }: Finding): boolean {
      if (reason === "new" && !allowanceOfNew.has(now)) return false;
      if (!allowance.take(now)) return false;
      if (reason === "new") allowanceOfNew.take(now);
      return true;
    }
    return {
      push(event) {
        rate.add(event.now);
        if (!event.judged) return;
        const finding = firstOfItsKind(event) ?? rareAt(event, perDay / (rate.perSecond() * DAY_SECONDS));
        if (finding === undefined) return;
        if (takeRoom(finding)) emit(finding);
        else heldBack(event.now);
      },
    };
  };

function firstOfItsKind(event: ScoredEvent): Finding | undefined {
  if (event.familiarity !== "new" || event.unseen > NEW_SHARE_MAX) return undefined;
  return { event, reason: "new", score: event.unseen, threshold: NEW_SHARE_MAX };
}

/** @param share the part of the events that the budget has room for */
function rareAt(event: ScoredEvent, share: number): Finding | undefined {
  const threshold = Math.min(RARITY_MAX, share);
  return event.rarity <= threshold ? { event, reason: "rare", score: event.rarity, threshold } : undefined;
}

/** Finds the events of one stream whose probability is below a threshold, all of them. */
export const findingsBelow =
  (threshold: number): Stage<ScoredEvent, Finding> =>
  (emit) => ({
    push(event) {
      const score = event.probability;
      if (event.judged && score < threshold) emit({ event, reason: "below", score, threshold });
    },
  });
