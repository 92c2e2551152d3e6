import { commandWords, conclude, runSibling } from "../core/dispatch.ts";
import { EXIT, ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { overview, TOOL_NAMES } from "../core/toolkit.ts";
import { VERSION } from "../core/version.ts";

/** `rsvpulse <tool> …` runs any tool; alone it tells which there are. */
export async function run(): Promise<void> {
  const [word, ...rest] = commandWords();
  if (word === undefined) return conclude(overview(), EXIT.usage);
  if (word === "--help" || word === "-h" || word === "help") return conclude(overview(), EXIT.done);
  if (word === "--version" || word === "-V") return conclude(`${VERSION}\n`, EXIT.done);
  if (TOOL_NAMES.includes(word)) return runSibling(word, rest);
  const fault = `unknown tool '${word}'${didYouMean(word, TOOL_NAMES)}; rsvpulse --help lists them`;
  // The command line's machinery is loaded only where it has something to say.
  const { reportFailure } = await import("../core/cli.ts");
  await reportFailure("rsvpulse", new ToolError("usage", fault));
}
