import { plainText } from "../../core/plain-text.ts";
import { formatNumber } from "../../core/spans.ts";
import type { ShownEvent } from "../../records/shown-event.ts";
import type { Familiarity } from "./category-model.ts";
import type { Finding } from "./findings.ts";

/** Longest name of a category in a sentence, characters. */
const CATEGORY_CHARS_MAX = 60;
/** No more figures than these mean anything. */
const FIGURES_MAX = 15;
/** Smaller probabilities are told as one in so many. */
const PERCENT_MIN = 1e-5;

export interface Subject extends Pick<ShownEvent, "noun" | "words"> {
  readonly stream: string;
}

/** A finding as a sentence for a person, the stream first. */
export function describeFinding(finding: Finding, { stream, noun, words }: Subject): string {
  const { event, reason, threshold } = finding;
  const from = `from ${plainText(event.key, CATEGORY_CHARS_MAX)}${reason === "new" ? "" : UNFAMILIAR[event.familiarity]}`;
  const quoted = words === undefined ? "" : `: “${words}”`;
  const surprisal = `${formatNumber(bits(event.probability))} bits`;
  const probability = chance(event.probability);
  switch (reason) {
    case "new": {
      const first = `the first in ${formatNumber(event.before + 1)} ${noun}s with a category`;
      return `${stream}: ${withArticle(noun)} ${from}, ${first}${quoted} (chance of any new category: 1 in ${oneIn(event.unseen)}).`;
    }
    case "rare":
      return `${stream}: an improbable ${noun}, ${from}${quoted}; 1 ${noun} in ${oneIn(event.rarity)} is this improbable or more (probability ${probability}, ${surprisal}).`;
    case "below": {
      const [own, limit] = apart(event.probability, threshold);
      return `${stream}: ${withArticle(noun)} ${from}${quoted}; its probability is ${own} (${surprisal}), below ${limit}.`;
    }
  }
}

const UNFAMILIAR: Readonly<Record<Familiarity, string>> = {
  known: "",
  new: ", never seen before",
  beyond: ", one of more categories than are kept",
};

/** Surprisal. Shannon 1948. */
export const bits = (probability: number): number => Math.max(0, -Math.log2(probability));

/** `5 %`, or `1 in 560,000` where per cent would be mostly noughts. */
function chance(probability: number): string {
  return probability >= PERCENT_MIN ? `${formatNumber(probability * 100)} %` : `1 in ${oneIn(probability)}`;
}

/** Two probabilities with as many figures as tell them apart. */
function apart(one: number, other: number): readonly [string, string] {
  if (chance(one) !== chance(other) || one === other) return [chance(one), chance(other)];
  for (let figures = 3; ; figures++) {
    const [a, b] = [one, other].map((share) => `${Number((share * 100).toPrecision(figures))} %`);
    if (a !== b || figures === FIGURES_MAX) return [a!, b!];
  }
}

/** To two figures. */
const oneIn = (share: number): string => formatNumber(Number((1 / share).toPrecision(2)));

/** `an RSVP`, `a photo`: by the sound of the first letter, spelt out where the word is an abbreviation. */
function withArticle(noun: string): string {
  const vowels = /^[A-Z]{2}/.test(noun) ? /^[AEFHILMNORSX]/ : /^[aeio]/i;
  return `${vowels.test(noun) ? "an" : "a"} ${noun}`;
}
