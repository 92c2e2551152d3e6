import { commandWords, conclude, runSibling } from "../core/dispatch.ts";
import { EXIT } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { overview, PLANNED_NAMES, TOOL_NAMES } from "../core/toolkit.ts";
import { VERSION } from "../core/version.ts";

/** `rsvpulse <tool> …` runs any tool; alone it tells which there are. */
export async function run(): Promise<void> {
  const [word, ...rest] = commandWords();
  if (word === undefined) return conclude(overview(), EXIT.usage);
  if (word === "--help" || word === "-h" || word === "help") return conclude(overview(), EXIT.done);
  if (word === "--version" || word === "-V") return conclude(`${VERSION}\n`, EXIT.done);
  if (TOOL_NAMES.includes(word)) return runSibling(word, rest);
  if (PLANNED_NAMES.includes(word)) return conclude(`rsvpulse: ${word} is to come\n`, EXIT.usage);
  const hint = didYouMean(word, TOOL_NAMES);
  conclude(`rsvpulse: unknown tool '${word}'${hint}; rsvpulse --help lists them\n`, EXIT.usage);
}
