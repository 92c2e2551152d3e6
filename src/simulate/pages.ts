import { formatNumber } from "../core/spans.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { STREAM_NAMES, type World } from "./world.ts";

/** What a person sees who opens the server's address. */
export function indexPage({ settings }: World, address: string): string {
  const { rate, seed, story } = settings;
  return `rsvpulse simulate: the retired Meetup streaming API, made up. ${formatNumber(rate)} RSVPs a second, seed ${seed}.

Streams, one JSON object a line, without an end; WebSockets on the same paths, one object a message:
${STREAM_NAMES.map((name) => `  ${address}/2/${name}${name === "open_venues" ? "?trickle   (without it: what is kept, then the end)" : ""}`).join("\n")}
    ?since_mtime=MS     first what was kept with at least this mtime (ms since 1970)
    ?since_count=N      first the last N

The same as Server-Sent Events, which Last-Event-ID resumes:
${STREAM_NAMES.map((name) => `  ${address}/v2/stream/${name}`).join("\n")}

RSVPs in the look of streams that are alive, so that ingest can be tried with no network:
  ${address}/v2/stream/recentchange   as Wikimedia's changes: ingest --source wikimedia-recentchange --url …
  ${address.replace("http", "ws")}/subscribe               as Bluesky's commits: ingest --source bluesky-jetstream --url …
    ?cursor=US          first what was kept and sent since then (µs since 1970)

Answers:
  ${address}/2/members?member_id=1,2,3
  ${address}/2/groups?group_id=1,2,3     or group_urlname=…
  ${address}/stats                       what was made and sent so far

${story.length === 0 ? "No story." : `Story, times from the start:\n${story.map(({ text }) => `  ${text}`).join("\n")}`}
`;
}

/** What was made and sent so far. Messages, but for `broken` lines; `time` is stream time, ms since the epoch. */
export function statsOf({ streams, connections, time }: Broadcaster) {
  return {
    time: time(),
    streams: Object.fromEntries(
      STREAM_NAMES.map((name) => {
        const { history, listening, sent } = streams[name];
        const { messages: made, broken, kept } = history;
        return [name, { made, broken, kept, sent, listening }];
      }),
    ),
    connections: { ...connections },
  };
}
