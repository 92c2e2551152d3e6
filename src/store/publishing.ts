import { Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";

/** `--publish`: every tool that gives alerts has it. */
export const publishOption = () =>
  new Option("--publish", "put alerts where bin/api finds them, in Redis, too").default(false);

/** @throws ToolError (usage) where `--publish` goes with an option that gives no alerts. */
export function checkPublishing({
  publish,
  scores,
  suggest = false,
}: {
  readonly publish: boolean;
  readonly scores: boolean;
  readonly suggest?: boolean;
}): void {
  if (!publish || !(scores || suggest)) return;
  const other = scores ? "--scores" : "--suggest";
  throw new ToolError("usage", `--publish is for alerts, and ${other} gives none: leave one out`);
}
