import { type Context, defineTool } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { standardOutput } from "../core/output.ts";
import { Tally } from "../core/tally.ts";
import { Explanation } from "../detect/explanation.ts";
import { type WatchOptions, watchingOf, withWatchOptions } from "../detect/watch-options.ts";
import { Watches } from "../detect/watches.ts";
import { measurementLine } from "../records/measurement-line.ts";
import type { Source } from "../sources/catalogue.ts";
import { wordsOf, wordsOption } from "../sources/showing.ts";
import { muteOption, mutesOf } from "../store/mute-file.ts";

interface Options extends WatchOptions {
  readonly mute?: string | undefined;
  readonly source?: Source | undefined;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** Alerts that are named where the one that is asked for did not fire. */
const NAMED_MAX = 5;

export const run = defineTool<Options>({
  name: "explain",
  role: "filter",
  declare: (base) =>
    withWatchOptions(base)
      .argument("[alert-id]", "the id of an alert that check-detect wrote")
      .addOption(wordsOption())
      .addOption(muteOption())
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Reads the records that check-detect read, from their beginning, with the options that it had, and shows how it came to
the alert: what was counted, what was to be expected, and the score as it grew.

Examples:
  $ bin/stats | tee day.ndjson | bin/check-detect > alerts.ndjson
  $ bin/explain "$(jq -r .id alerts.ndjson | head -n 1)" < day.ndjson | jq -r .text`,
      ),
  run: explain,
});

async function explain(options: Options, context: Context): Promise<void> {
  const [id] = context.words;
  if (id === undefined)
    throw new ToolError("usage", "expected the id of an alert, got none; --help tells more");
  const watching = watchingOf(options);
  const watches = new Watches({
    detectors: (stream) => watching.detectors(wordsOf(stream, options.source)),
    isMuted: mutesOf(options.mute, context.log),
  });
  const explanation = new Explanation(id);
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("judged");
  const line = measurementLine(
    { watched: watching.watched, stream: options.stream, tally },
    (record, stream) => explanation.push(record, stream, watches.push(record, stream)),
  );
  const ending = AbortSignal.any([context.stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    await forEachLine(
      (take) => readStdin(take, ending),
      { line, settle: records.ready },
      { ...tools, stop: ending },
    );
    for (const said of explanation.lines) records.write(said);
    await records.end();
    if (explanation.lines.length === 0 && tally.count("judged") > 0) throw notFound(id, explanation.known);
  });
}

function notFound(id: string, known: readonly string[]): ToolError {
  const others = known.length > NAMED_MAX ? ` and ${known.length - NAMED_MAX} more` : "";
  const which =
    known.length === 0
      ? "they lead to none"
      : `they lead to ${known.slice(0, NAMED_MAX).join(", ")}${others}`;
  const hint = id.includes("-unusual-")
    ? "; unusualness tells those: bin/unusualness --scores shows how it judges events"
    : `; give the same records from their beginning, and the options that check-detect had`;
  return new ToolError(
    "badInput",
    `expected an alert that these records lead to, got ${id}: ${which}${hint}`,
  );
}
