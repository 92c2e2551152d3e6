import { Option } from "../core/cli.ts";
import { parsePositiveSpan } from "../core/spans.ts";

/** `--ahead`. */
export const aheadOption = () =>
  new Option("--ahead <span>", "refuse messages dated further ahead of this machine's clock")
    .argParser(parsePositiveSpan)
    .default(60, "60s");

/** `--stall`. */
export const stallOption = () =>
  new Option("--stall <span>", "connect anew when nothing comes for this long")
    .argParser(parsePositiveSpan)
    .default(60, "60s");
