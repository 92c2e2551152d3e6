import { type Context, Option } from "./cli.ts";
import { ToolError } from "./errors.ts";
import { type FaultOptions, type Faults, faults } from "./faults.ts";
import type { Tally } from "./tally.ts";

/** `--strict`: every tool that reads lines has it. */
export const strictOption = () =>
  new Option("--strict", "stop at the first bad line (exit code 65)").default(false);

/** `--rejects`: every tool that reads lines has it. */
export const rejectsOption = () =>
  new Option("--rejects <file>", "keep bad lines in FILE, as {line, reason, text}");

/** `--stream`: what records belong to that do not say. */
export const streamOption = (stream: string) =>
  new Option("--stream <name>", "the stream of records that name none").default(stream);

/** Runs `work` with the reporting of bad lines around it. @throws ToolError (badInput) when no line was of use. */
export async function withFaults(
  { log, conclude }: Context,
  options: FaultOptions,
  tally: Tally,
  work: (tools: { tally: Tally; faults: Faults }) => Promise<void>,
): Promise<void> {
  conclude(tally);
  const reporter = faults(log, tally, options);
  try {
    await work({ tally, faults: reporter });
  } finally {
    reporter.end();
  }
  const [bad, ignored] = [tally.count("bad"), tally.count("ignored")];
  if (ignored > 0 && ignored === tally.read) {
    log.warning(
      "none of these lines is a record that this tool reads; is it in the right place of the pipe?",
      {
        ignored,
      },
    );
  }
  if (bad > 0 && bad === tally.read) {
    throw new ToolError(
      "badInput",
      `expected records, got ${bad} bad ${bad === 1 ? "line" : "lines"} and no good one`,
      {
        facts: { bad },
      },
    );
  }
}
