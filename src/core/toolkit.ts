/** One executable of the toolkit, as `rsvpulse --help` and config files know it. */
export interface ToolEntry {
  readonly name: string;
  /** What it does, as a clause with a verb. */
  readonly summary: string;
  /** Shown first to a newcomer, in the order of the pipeline; the others stand under "more". */
  readonly main: boolean;
}

/** Every executable, in the order of the pipeline. */
export const TOOLS: readonly ToolEntry[] = [
  { name: "ingest", summary: "connects to a stream, or replays a recording, and gives events", main: true },
  { name: "diff", summary: "turns events into the gaps between them", main: true },
  { name: "redis-insert", summary: "keeps the gaps of the last two minutes in Redis", main: true },
  { name: "insert-distribution", summary: "counts where events come from", main: true },
  { name: "avg", summary: "tells the mean gap and the rate, each second", main: true },
  { name: "stats", summary: "tells the rate and the distribution together, each second", main: true },
  { name: "check-detect", summary: "watches rate and distribution, and raises alerts", main: true },
  { name: "explain", summary: "shows how an alert came about, from the records that led to it", main: false },
  { name: "unusualness", summary: "finds the improbable event", main: true },
  { name: "slack-push", summary: "delivers alerts to Slack, and loses none", main: true },
  { name: "api", summary: "serves the stream over HTTP, with a live page", main: true },
  {
    name: "profiles",
    summary: "collects profiles of the members and groups in Meetup's streams",
    main: true,
  },
  { name: "archive", summary: "keeps every message in a folder or a bucket", main: true },
  {
    name: "collect",
    summary: "collects streams into an archive and profiles, in one supervised process",
    main: true,
  },
  { name: "simulate", summary: "serves a made-up stream on this machine, to try it all", main: false },
];

export const TOOL_NAMES: readonly string[] = TOOLS.map(({ name }) => name);

/** What an executable does, for its own `--help`. */
export function summaryOf(name: string): string {
  const entry = TOOLS.find((tool) => tool.name === name);
  return entry === undefined ? "" : `${entry.name} ${entry.summary}.`;
}

/** The whole toolkit on a page, for somebody who has never seen it. */
export function overview(): string {
  const width = Math.max(...TOOLS.map(({ name }) => name.length)) + 2;
  const line = ({ name, summary }: ToolEntry) => `  ${name.padEnd(width)}${summary}`;
  return `Usage: rsvpulse <tool> [options]

Small programs that turn a stream of events into a story, joined by pipes:

  ingest ─tee─┬─ diff | redis-insert        terminal one: scripts/ingest.sh
              ├─ insert-distribution
              └─ unusualness | slack-push
  stats | check-detect | slack-push         terminal two: scripts/notify.sh
  api                                       the live page: scripts/api.sh
  ingest | stats --stdin | check-detect     one pipe, no Redis
  ingest | api --stdin                      the page, no Redis

Tools:
${TOOLS.filter(({ main }) => main)
  .map(line)
  .join("\n")}

More:
${TOOLS.filter(({ main }) => !main)
  .map(line)
  .join("\n")}

rsvpulse <tool> --help tells the options of one. In a checkout the tools are bin/ingest and so on.
`;
}
