import { plainText } from "../core/plain-text.ts";
import { isStateCode } from "../core/us-states.ts";
import type { Words } from "../detect/change-words.ts";
import { CategorySeconds, type CountsOfSeconds } from "./category-seconds.ts";
import { type UsualHints, UsualSpans } from "./usual-spans.ts";
import type { ComparedShare, Shares } from "./wire.ts";

/** Seconds that `now` may be of: the fewest that hold enough events. */
const NOW_SECONDS = [10, 30, 60, 300, 900] as const;
/** Events that are enough; fewer and more than this change the choice, so that it does not flicker. */
const ENOUGH = 200;
const ENOUGH_MIN = 150;
const ENOUGH_MAX = 260;
/** What is usual is of so many seconds before those. */
const USUAL_SECONDS = 3600;
/** Fewer events say nothing of what is usual. */
const USUAL_EVENTS_MIN = 100;
/** A share stands out when it is so many standard errors, and so many times, away from the usual. */
const SURPLUS_MIN = 4;
const FACTOR_MIN = 1.5;
/** A map is drawn where at least so many states have at least this share of what is usual and now. */
const STATES_MIN = 5;
const STATES_SHARE = 0.8;
/** Longest name that is shown, characters. */
const NAME_CHARS_MAX = 256;

/**
 * Where events come from now, against the hour before, without its episodes.
 *
 * `now` is of as few seconds as hold about 200 events with a category, so that it is quick where events are many and
 * steady where they are few. A share is compared by the square roots of its counts, which have nearly the same variance
 * whatever they are (Anscombe, The transformation of Poisson, binomial and negative-binomial data, 1948).
 */
export class Comparison {
  readonly #seconds = new CategorySeconds();
  readonly #now = this.#seconds.window();
  readonly #spans = new UsualSpans();
  readonly #usual = this.#seconds.window((second) => this.#spans.has(second));
  #newest = Number.NEGATIVE_INFINITY;
  #chosen = 0;
  /** What was compared last, until another second comes. */
  #compared: Compared | undefined;

  /** Adds a second that is later than the last; `seconds` are the connected ones that the counts are of. */
  push(
    second: number,
    seconds: number,
    byKey: Readonly<Record<string, number>>,
    hints: UsualHints = {},
  ): void {
    this.#seconds.push(second, seconds, byKey);
    if (this.#spans.push(second, hints)) this.#usual.beginAnew();
    this.#newest = second;
    this.#chosen = this.#choose();
    this.#compared = undefined;
    const from = second - NOW_SECONDS[this.#chosen]!;
    this.#now.moveTo(from, second);
    this.#usual.moveTo(from - USUAL_SECONDS, from);
  }

  /** @param max categories that are told; of those left out only the sum. @param isKept keeps a category beyond that. */
  shares(
    words: Words,
    { max, isKept }: { readonly max: number; readonly isKept: (key: string) => boolean },
  ): Omit<Shares, "stream" | "t"> {
    this.#compared ??= compared({ now: this.#now.read(), usual: this.#usual.read() }, words);
    const { now, usual, categories } = this.#compared;
    const told = categories.filter(({ key }, i) => i < max || isKept(key));
    const left = categories.filter(({ key }, i) => i >= max && !isKept(key));
    const sum = (share: (one: ComparedShare) => number) => left.reduce((whole, one) => whole + share(one), 0);
    return {
      noun: words.noun,
      now: { seconds: now.seconds, n: now.n },
      usual: { seconds: usual.seconds, n: usual.n },
      places: areStates(categories) ? "us-states" : null,
      categories: told,
      others: {
        categories: left.length,
        now: sum((one) => one.now),
        usual: isTelling(usual, now) ? sum((one) => one.usual ?? 0) : null,
      },
    };
  }

  /** Goes to fewer or more seconds only when the ones of now hold clearly too many events or too few. */
  #choose(): number {
    const countIn = (choice: number) => this.#seconds.countSince(this.#newest - NOW_SECONDS[choice]!);
    let chosen = this.#chosen;
    if (countIn(chosen) < ENOUGH_MIN) {
      while (chosen < NOW_SECONDS.length - 1 && countIn(chosen) < ENOUGH) chosen++;
    }
    while (chosen > 0 && countIn(chosen - 1) > ENOUGH_MAX) chosen--;
    return chosen;
  }
}

/** What is usual is known from enough events, and from as long as now is. */
const isTelling = (usual: CountsOfSeconds, now: CountsOfSeconds): boolean =>
  usual.n >= USUAL_EVENTS_MIN && usual.seconds >= now.seconds;

/** What now and what is usual say of every category. */
interface Compared {
  readonly now: CountsOfSeconds;
  readonly usual: CountsOfSeconds;
  readonly categories: readonly ComparedShare[];
}

function compared({ now, usual }: Pick<Compared, "now" | "usual">, { nameOf }: Words): Compared {
  const isKnown = isTelling(usual, now);
  const keys = new Set([...usual.byKey.keys(), ...now.byKey.keys()]);
  const categories = [...keys].map((key): ComparedShare => {
    const [count, before] = [now.byKey.get(key) ?? 0, usual.byKey.get(key) ?? 0];
    return {
      key,
      name: plainText(nameOf(key), NAME_CHARS_MAX) || '""',
      now: now.n === 0 ? 0 : count / now.n,
      usual: isKnown ? before / usual.n : null,
      ...(isKnown ? standingOf(count, { n: now.n, before, of: usual.n }) : UNKNOWN),
    };
  });
  return { now, usual, categories: categories.sort(byImportance) };
}

type Standing = Pick<ComparedShare, "surplus" | "standing">;
const UNKNOWN: Standing = { surplus: 0, standing: "usual" };

/** How a count of n events compares with `before` of `of` events. */
function standingOf(
  count: number,
  { n, before, of }: { readonly n: number; readonly before: number; readonly of: number },
): Standing {
  const expected = (before / of) * n;
  const surplus = (2 * (Math.sqrt(count + 3 / 8) - Math.sqrt(expected + 3 / 8))) / Math.sqrt(1 + n / of);
  const figures = Number(surplus.toPrecision(3));
  if (surplus >= SURPLUS_MIN && count >= FACTOR_MIN * expected)
    return { surplus: figures, standing: "surging" };
  if (surplus <= -SURPLUS_MIN && count * FACTOR_MIN <= expected)
    return { surplus: figures, standing: "fallen" };
  return { surplus: figures, standing: "usual" };
}

const RANKS = { surging: 0, fallen: 1, usual: 2 } as const;

/** Those that stand out first, by how much; then by what they have now, and usually. */
function byImportance(a: ComparedShare, b: ComparedShare): number {
  const rank = RANKS[a.standing] - RANKS[b.standing];
  if (rank !== 0) return rank;
  if (a.standing !== "usual") return Math.abs(b.surplus) - Math.abs(a.surplus);
  return b.now - a.now || (b.usual ?? 0) - (a.usual ?? 0) || (a.key < b.key ? -1 : 1);
}

/** Most of what comes has the code of a state for its key. */
function areStates(categories: readonly ComparedShare[]): boolean {
  const weightOf = ({ now, usual }: ComparedShare) => now + (usual ?? 0);
  const states = categories.filter(({ key }) => isStateCode(key));
  const sum = (some: readonly ComparedShare[]) => some.reduce((whole, one) => whole + weightOf(one), 0);
  return states.length >= STATES_MIN && sum(states) >= STATES_SHARE * sum(categories);
}
