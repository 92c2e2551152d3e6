import { Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import { parseNames } from "../core/lists.ts";
import type { Log } from "../core/log.ts";
import { parseWholeNumber } from "../core/numbers.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { type CountRule, KEY_CHARS_MAX } from "./count-rule.ts";

/** Categories that may be asked for: each record looks at them all. */
const CATEGORIES_MAX = 10_000;
/** The category of what `--keys` and `--max-categories` leave over. */
const OTHER = "other";

/** How events are counted, as the command line says it. */
export interface CountOptions {
  readonly keys?: readonly string[] | undefined;
  readonly other: boolean;
  readonly maxCategories: number;
  /** s. */
  readonly lateness: number;
}

export const keysOption = () =>
  new Option("--keys <list>", "count only these categories, such as CA,NY").argParser(parseNames);

export const otherOption = () =>
  new Option("--other", `count events of other categories as one, called ${OTHER}`).default(false);

export const maxCategoriesOption = () =>
  new Option("--max-categories <number>", "events of further categories count as of none, or as other")
    .argParser(parseCategories)
    .default(1000);

/** `--lateness` of a tool that counts. */
export const freshnessOption = () =>
  new Option("--lateness <span>", "how late an event may arrive and still be fresh")
    .argParser(parsePositiveSpan)
    .default(5, "5s");

/** The rule that the options spell. */
export const countRule = ({ lateness, keys, other, maxCategories }: CountOptions): CountRule => ({
  latenessMs: lateness * 1000,
  categoriesMax: maxCategories,
  keys: keys === undefined ? undefined : new Set(keys),
  other: other ? OTHER : undefined,
});

/** Says once that there are events whose category is not counted. */
export function refusalTeller({ maxCategories, other }: CountOptions, log: Log): () => void {
  let told = false;
  return () => {
    if (told) return;
    told = true;
    const fate = other ? `as ${OTHER}` : "as of no category (--other counts them as one)";
    log.warning(
      `more than ${maxCategories} categories, or a key of over ${KEY_CHARS_MAX} characters: events of such count ${fate}; is the key an id? --keys and --max-categories choose`,
      { maxCategories },
    );
  };
}

/** @throws ToolError (usage) */
function parseCategories(text: string): number {
  const number = parseWholeNumber(text);
  if (number <= CATEGORIES_MAX) return number;
  throw new ToolError(
    "usage",
    `expected a whole number from 1 to ${CATEGORIES_MAX}, got ${JSON.stringify(text)}`,
  );
}
