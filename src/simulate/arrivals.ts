import type { Random } from "./random.ts";
import type { Story } from "./story.ts";
import { nextChange, rateFactorAt } from "./timetable.ts";

/** The times of a point process, ms from the start, ascending. */
export interface Arrivals {
  /** The next time, if it is no later than `horizon`; asked again it answers the same until it is taken. */
  peek(horizon: number): number | undefined;
  /** Goes on from the time that peek told. */
  take(): void;
}

/**
 * A Poisson process whose rate is `rate` (events per second) times the story's factor.
 *
 * Made by the time change of an inhomogeneous process (Daley and Vere-Jones, An Introduction to the Theory of Point
 * Processes I, section 7.4): unit exponential spans, stretched by the piecewise constant rate. Holds four numbers.
 */
export function poissonArrivals(random: Random, { rate, story }: { rate: number; story: Story }): Arrivals {
  let now = 0;
  let owed = random.exponential();
  let perMs = 0;
  let changesAt = 0;

  return {
    peek(horizon) {
      for (;;) {
        if (now >= changesAt) {
          perMs = (rate * rateFactorAt(story, now)) / 1000;
          changesAt = nextChange(story, now);
        }
        // owed / 0 is Infinity: in a silence nothing is due, however far the horizon.
        const next = now + owed / perMs;
        if (next <= changesAt) return next <= horizon ? next : undefined;
        // invariant: the state moves at the story's changes only, so the times do not depend on who asks how often.
        if (!(changesAt <= horizon)) return undefined;
        owed -= (changesAt - now) * perMs;
        now = changesAt;
      }
    },
    take() {
      now += owed / perMs;
      owed = random.exponential();
    },
  };
}
