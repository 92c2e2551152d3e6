import { ToolError } from "./errors.ts";

/** `CA,NY`, as an option takes it; given again, the lists are joined. @throws ToolError (usage) for an empty name. */
export function parseNames(text: string, before: readonly string[] | undefined): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes(""))
    throw new ToolError("usage", `expected names with commas between, got ${JSON.stringify(text)}`);
  return [...(before ?? []), ...names];
}
