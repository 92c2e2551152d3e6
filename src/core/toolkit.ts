/** One executable of the toolkit, as `rsvpulse --help` and config files know it. */
export interface ToolEntry {
  readonly name: string;
  /** What it does, as a clause with a verb. */
  readonly summary: string;
  /** Shown first to a newcomer, in the order of the pipeline; the others stand under "more". */
  readonly main: boolean;
}

/** Every executable, in the order of the pipeline. */
export const TOOLKIT: readonly ToolEntry[] = [
  { name: "ingest", summary: "connects to a stream, or replays a recording, and gives events", main: true },
  { name: "diff", summary: "turns events into the gaps between them", main: true },
  { name: "redis-insert", summary: "keeps the gaps of the last two minutes in Redis", main: true },
  { name: "avg", summary: "tells the mean gap and the rate, every second", main: true },
  { name: "check-detect", summary: "watches rates and raises alerts", main: true },
  { name: "slack-push", summary: "delivers alerts to Slack, losing and repeating none", main: true },
  { name: "simulate", summary: "serves a made-up stream on this machine, to try it all", main: false },
];

export const TOOL_NAMES: readonly string[] = TOOLKIT.map(({ name }) => name);

/** What an executable does, for its own `--help`. */
export function summaryOf(name: string): string {
  const entry = TOOLKIT.find((tool) => tool.name === name);
  return entry === undefined ? "" : `${entry.name} ${entry.summary}.`;
}
