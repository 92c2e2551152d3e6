import { readFileSync, statSync } from "node:fs";
import { fileError, ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { checkShares } from "./shares.ts";
import { parseStory, type Story } from "./story.ts";

/** Stories that have a name. */
const NAMED: Readonly<Record<string, string>> = {
  demo: `
# Half a minute of calm, so that there is something to compare with; then four times the rate: a threshold tells it.
30s:surge=4:15s
# Texas alone books five times as much as it used to. From here on it is known what is usual.
112s:share=TX/5:40s
# More of everything, all states alike.
250s:surge=3:40s
# Nobody books anything, but the connection is alive.
360s:silence:45s
# A broken connection, and lines that are no messages.
460s:cut
470s:garbage=3
# The share of California goes to Vermont and back: the rate stays as it was.
490s:swap=CA/VT:60s
# A server that says nothing at all for a while, and then everything at once.
650s:stall:20s
# Slack.
740s:surge=0.25:60s
`,
};

export const STORY_NAMES: readonly string[] = Object.keys(NAMED);

/**
 * What `--story` means: the name of a story, `@FILE`, a file that exists, or the story itself.
 *
 * @throws ToolError (usage) when it is none of these, or asks for what cannot be.
 */
export function readStory(text: string): Story {
  const story = storyIn(text);
  checkShares(story);
  return story;
}

function storyIn(text: string): Story {
  const named = NAMED[text];
  if (named !== undefined) return parseStory(named);
  const path = text.startsWith("@") ? text.slice(1) : text;
  if (text.startsWith("@") || isFile(path)) return inFile(path);
  if (!text.includes(":")) {
    throw new ToolError(
      "usage",
      `expected a story (AT:WHAT[=VALUE][:FOR],…), a file, or ${STORY_NAMES.join(" or ")}, got ${JSON.stringify(text)}${didYouMean(text, STORY_NAMES)}`,
    );
  }
  return parseStory(text);
}

function inFile(path: string): Story {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fileError(path, "read", error);
  }
  try {
    return parseStory(text);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(error.kind, `${path}: ${error.message}`, { cause: error });
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
