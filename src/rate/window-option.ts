import { Option } from "../core/cli.ts";
import { parsePositiveSpan } from "../core/spans.ts";

/** `--window` of a tool that keeps the window of gaps itself, s. */
export const windowOption = () =>
  new Option("--window <span>", "length of the window of gaps")
    .argParser(parsePositiveSpan)
    .default(120, "120s");
