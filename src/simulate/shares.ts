import { ToolError } from "../core/errors.ts";
import { PLACES } from "./places.ts";
import type { Random } from "./random.ts";
import type { Effect, Story } from "./story.ts";
import { effectsAt, nextChange } from "./timetable.ts";

/** Chooses an index of PLACES for a message sent `t` ms from the start; `t` must not go back. */
export type ChoosePlace = (t: number, random: Random) => number;

/** Draws places by their shares at the time. @throws ToolError (usage) when the story asks for more than there is. */
export function placeChooser(story: Story): ChoosePlace {
  checkShares(story);
  let cumulative: number[] = [];
  let changesAt = 0;
  return (t, random) => {
    if (t >= changesAt) {
      let total = 0;
      cumulative = sharesUnder(effectsAt(story, t)).map((share) => (total += share));
      changesAt = nextChange(story, t);
    }
    return indexOf(cumulative, random.uniform());
  };
}

/**
 * The share of each place under these effects, in the order of PLACES; they add up to 1.
 *
 * `swap` exchanges two states' shares. `share` multiplies one state's; the others make room in proportion.
 */
export function sharesUnder(effects: readonly Effect[]): number[] {
  const shares = PLACES.map(({ share }) => share);
  for (const effect of effects) {
    if (effect.kind === "swap") {
      const [first, second] = effect.states.map(indexOfState) as [number, number];
      [shares[first], shares[second]] = [shares[second]!, shares[first]!];
    } else if (effect.kind === "share") {
      const chosen = indexOfState(effect.state);
      const before = shares[chosen]!;
      const after = before * effect.factor;
      if (!(after < 1)) throw tooMuch(effect, before);
      for (let i = 0; i < shares.length; i++)
        shares[i]! *= i === chosen ? effect.factor : (1 - after) / (1 - before);
    }
  }
  return shares;
}

/** Tries the shares at every time at which something begins, so that a story fails at once and not at night. */
function checkShares(story: Story): void {
  for (const { at, text } of story) {
    try {
      sharesUnder(effectsAt(story, at));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      throw new ToolError("usage", `item ${JSON.stringify(text)}: ${error.message}`, { cause: error });
    }
  }
}

function tooMuch({ state, factor }: Extract<Effect, { kind: "share" }>, share: number): ToolError {
  const most = Math.floor(10 / share) / 10;
  return new ToolError(
    "usage",
    `expected a factor below ${most}, for ${state} has ${(share * 100).toFixed(1)} % of all messages, got ${factor}`,
  );
}

const indexOfState = (name: string) => PLACES.findIndex(({ state }) => state === name);

/** The first index whose cumulative share is above `value`; the last one if rounding left none. */
function indexOf(cumulative: readonly number[], value: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
