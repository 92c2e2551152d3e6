import type { Baseline, Sample } from "./baseline.ts";
import type { CusumBank, Leader } from "./cusum-bank.ts";
import type { CountModel } from "./model.ts";
import { type Changed, changeIn, isChange } from "./return-test.ts";
import type { ToldChange } from "./told-change.ts";
import { leastOf } from "./vectors.ts";

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
 * The channels whose own tests stand at `nats` or higher, and that changed by more than the shares of those that are told
 * make it.
 */
export function evidentChanges(instruments: Instruments, told: ToldChange, nats: number): Changed[] {
  const { model, baseline, bank } = instruments;
  const dilution = model.shares ? told.dilution(baseline.parameters) : 1;
  return changesIn(instruments, bank.above(nats)).filter(({ factor }) => isChange(factor / dilution));
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
