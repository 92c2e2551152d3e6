import type { Effect, EffectKind, Story, StoryItem } from "./story.ts";

/** Something that happens in an instant, `at` ms from the start. */
export interface Moment<Kind extends EffectKind> {
  readonly at: number;
  readonly effect: Extract<Effect, { kind: Kind }>;
}

/** The effects that hold at `t` ms from the start, in the story's order. */
export function effectsAt(story: Story, t: number): Effect[] {
  return story.filter((item) => isActive(item, t)).map(({ effect }) => effect);
}

/** The factor on the rate at `t`: surges multiply, a silence is 0. */
export function rateFactorAt(story: Story, t: number): number {
  return effectsAt(story, t).reduce((factor, effect) => {
    if (effect.kind === "surge") return factor * effect.factor;
    return effect.kind === "silence" ? 0 : factor;
  }, 1);
}

/** The first time after `t` at which what lasts begins or ends; `Infinity` when nothing changes any more. */
export function nextChange(story: Story, t: number): number {
  return story.reduce((next, item) => {
    if (item.lasts === 0) return next;
    const begins = nextOccurrence(item, t);
    const ends = nextOccurrence(item, t - item.lasts) + item.lasts;
    return Math.min(next, begins, ends);
  }, Number.POSITIVE_INFINITY);
}

/** The first instants of this kind after a time: several when they coincide, none when no more come. */
export function nextMoments<Kind extends EffectKind>(
  story: Story,
  kind: Kind,
  { after }: { readonly after: number },
): Moment<Kind>[] {
  let at = Number.POSITIVE_INFINITY;
  let moments: Moment<Kind>[] = [];
  for (const item of story) {
    if (item.effect.kind !== kind) continue;
    const next = nextOccurrence(item, after);
    if (next === Number.POSITIVE_INFINITY || next > at) continue;
    if (next < at) moments = [];
    at = next;
    moments.push({ at, effect: item.effect as Moment<Kind>["effect"] });
  }
  return moments;
}

/** When an item happens for the first time after `t`; `Infinity` when it does not any more. */
function nextOccurrence({ at, every }: StoryItem, t: number): number {
  if (t < at) return at;
  return every === undefined ? Number.POSITIVE_INFINITY : at + (Math.floor((t - at) / every) + 1) * every;
}

function isActive({ at, every, lasts }: StoryItem, t: number): boolean {
  if (t < at) return false;
  return every === undefined ? t < at + lasts : (t - at) % every < lasts;
}
