import { Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import type { StreamChoice } from "./choose-stream.ts";

/** The name that stands for every stream. A stream that is called so is one of them. */
const ALL = "all";

/** `--stream` of a tool that can look at several. Given again, its names are gathered. */
export const streamsOption = () =>
  new Option(
    "--stream <name>",
    "a stream to look at, again for more, or all (default: the only one); with --stdin, of records that name none",
  ).argParser(parseStream);

/** @throws ToolError (usage) for an empty name. */
function parseStream(name: string, before: readonly string[] | undefined): readonly string[] {
  if (name === "") throw new ToolError("usage", 'expected the name of a stream, got ""');
  return [...(before ?? []), name];
}

/** What `--stream` chooses among those of the store. */
export function choiceOf(given: readonly string[] | undefined): StreamChoice {
  const names = [...new Set(given)].sort();
  if (names.length === 0) return { kind: "only", orAll: true };
  if (!names.includes(ALL)) return { kind: "named", names };
  return { kind: "all", names: names.filter((name) => name !== ALL) };
}

/** What `--stream` says of the records on standard input that name none. @throws ToolError (usage) for several names. */
export function inputStream(given: readonly string[] | undefined): string {
  if (given === undefined) return "stdin";
  if (given.length === 1) return given[0]!;
  throw new ToolError(
    "usage",
    `with --stdin, --stream is of records that name none: expected one name, got ${given.join(", ")}`,
  );
}
