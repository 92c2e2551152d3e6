import type { Baseline, Sample } from "./baseline.ts";
import type { CusumBank, Leader } from "./cusum-bank.ts";
import type { CountModel } from "./model.ts";
import { type Changed, changeIn } from "./return-test.ts";
import type { ToldChange } from "./told-change.ts";
import { leastOf } from "./vectors.ts";

/** So much is left to all others at least, for the reckoning. */
const LEFT_MIN = 0.05;
/** Nothing is afoot in a channel whose tests stand lower, nats. */
const IDLE_NATS = 3;

/** What a watch measures with. */
export interface Instruments {
  readonly model: CountModel;
  readonly baseline: Baseline;
  readonly bank: CusumBank;
}

/**
 * One step of all tests, and how far they are then: in theory chance gets there once in e^this seconds.
 *
 * A record of one second counts at most a part of what is needed (`secondsDecisive`), one of several seconds in full.
 * @param level what is to be passed.
 */
export function reachedWith(
  { model, baseline, bank }: Instruments,
  { counts, exposure, seconds, start }: Sample,
  level: number,
): number {
  const logChance = baseline.logChance(level);
  const part = ((level + logChance) / model.secondsDecisive) * Math.max(1, seconds);
  const most = seconds >= model.secondsDecisive ? Number.POSITIVE_INFINITY : part;
  bank.push(counts, exposure, { most, start });
  return Math.max(0, bank.leader.sum - logChance, bank.exchangeOver(logChance));
}

/** What tests say of the changes of their channels. */
export const changesIn = ({ model, baseline }: Instruments, tests: readonly Leader[]): Changed[] =>
  tests.map((test) =>
    changeIn(test, { ratio: model.ratios[test.place]!, usual: baseline.parameters[test.channel] ?? 0 }),
  );

/**
 * The channels whose own tests stand at `nats` or higher, and have as much evidence against what those that are told leave
 * to them: where one takes half of all events, the others' shares halve, and that is no news of theirs.
 */
export function evidentChanges(instruments: Instruments, told: ToldChange, nats: number): Changed[] {
  const { model, baseline, bank } = instruments;
  const left = model.shares ? leftToOthers(instruments, told.channels) : 1;
  const evident = bank.above(nats).filter((test) => {
    const expected = (baseline.parameters[test.channel] ?? 0) * left;
    return test.exposure * divergence(test.level, expected) >= nats * baseline.dispersionOver(0);
  });
  return changesIn(instruments, evident);
}

/** The part of its usual share that a category keeps where those of these channels have what they have now. */
function leftToOthers({ baseline, bank }: Instruments, channels: readonly number[]): number {
  let [before, now] = [0, 0];
  for (const channel of channels) {
    before += baseline.parameters[channel] ?? 0;
    now += bank.of(channel).level;
  }
  return Math.max(LEFT_MIN, 1 - now) / Math.max(LEFT_MIN, 1 - before);
}

/** Poisson's Kullback-Leibler divergence of one level from another, nats for each unit of exposure. */
function divergence(level: number, expected: number): number {
  const surprise = level === 0 ? 0 : level * Math.log(level / expected);
  return surprise - level + expected;
}

/**
 * Gives the channel that counted least, of those that are free and in which nothing is afoot, to another category.
 * @returns undefined where there is none.
 */
export function giveUpChannel(
  { baseline, bank }: Instruments,
  { told, isFree }: { told: ToldChange | undefined; isFree: (channel: number) => boolean },
): number | undefined {
  const least = leastOf(bank.channels, {
    of: (channel) => baseline.gathered(channel) + (told?.counts.gathered(channel) ?? 0),
    isEligible: (channel) => isFree(channel) && bank.of(channel).sum < IDLE_NATS,
  });
  if (least === undefined) return undefined;
  baseline.passOn(least, bank);
  told?.counts.passOn(least);
  return least;
}
