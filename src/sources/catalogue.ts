import { ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { stateNameOf } from "../core/us-states.ts";
import type { MessagePaths, Where } from "../records/message.ts";

export const PROTOCOLS = ["ndjson", "sse", "ws"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * How a source is asked for what was missed: by the greatest time seen, in the query (ms in `since_mtime`, µs in
 * `cursor`), or by the id of the last event (the header of Server-Sent Events).
 */
export type Resume = "since_mtime" | "cursor" | "last-event-id" | "none";

/** A stream of messages that the toolkit knows its way around in. */
export interface Source {
  readonly name: string;
  readonly url: string;
  readonly protocol: Protocol;
  readonly paths: MessagePaths;
  /** Messages that are none of the source's: one of these values is in them. */
  readonly drop?: readonly Where[];
  /** Where a message has a link to itself, the best place first, and words a person can read. */
  readonly links?: readonly string[];
  readonly words?: string;
  /** What one message is called. */
  readonly noun: string;
  /** A category as a person calls it; undefined where it is called by its key. */
  readonly nameOf?: (key: string) => string;
  readonly resume: Resume;
  /** It wants to know whom to turn to about a program that reads it. */
  readonly asksContact?: boolean;
  /** Since when it no longer answers, if so. */
  readonly retired?: string;
}

const RETIRED = "Meetup retired its streams in February 2022";

/** One of Meetup's streams: newline-delimited JSON over chunked HTTP, resumed by `since_mtime`. */
function meetup(
  stream: string,
  noun: string,
  paths: Omit<MessagePaths, "time">,
  shown: Pick<Source, "links" | "words" | "nameOf">,
): Source {
  return {
    name: `meetup-${stream.replace("_", "-").replace(/\?.*/, "")}`,
    url: `http://stream.meetup.com/2/${stream}`,
    protocol: "ndjson",
    paths: { time: { path: "mtime", unit: "ms" }, upperCaseKey: true, ...paths },
    ...shown,
    noun,
    resume: "since_mtime",
    retired: RETIRED,
  };
}

/**
 * Edits and other changes of all wikis. https://wikitech.wikimedia.org/wiki/Event_Platform/EventStreams_HTTP_Service
 *
 * `meta.dt` and not `timestamp`: the schema requires only what is in `meta`, `timestamp` has whole seconds, and places
 * in the stream (the ids of its events) go by `meta.dt`. Canaries watch the pipeline and are no changes.
 */
const WIKIMEDIA: Source = {
  name: "wikimedia-recentchange",
  url: "https://stream.wikimedia.org/v2/stream/recentchange",
  protocol: "sse",
  paths: { time: { path: "meta.dt", unit: "iso" }, key: "wiki", id: "meta.id" },
  drop: [{ path: "meta.domain", value: "canary" }],
  // The difference, which only edits have; then the page.
  links: ["notify_url", "title_url", "meta.uri"],
  words: "title",
  noun: "change",
  resume: "last-event-id",
  asksContact: true,
};

/**
 * Bluesky's posts, likes, follows and so on, and those of every other program on the AT Protocol: Jetstream.
 * https://github.com/bluesky-social/jetstream
 *
 * Messages about identities and accounts are no commits: they are events without a category. `rev` stands in every commit,
 * `cid` not in those that delete; a commit of several operations is several messages of one `rev`.
 */
const BLUESKY: Source = {
  name: "bluesky-jetstream",
  url: "wss://jetstream2.us-east.bsky.network/subscribe",
  protocol: "ws",
  paths: { time: { path: "time_us", unit: "us" }, key: "commit.collection", id: "commit.rev" },
  words: "commit.record.text",
  noun: "commit",
  resume: "cursor",
};

/** Every source that has a name. The first is the default. */
export const CATALOGUE: readonly [Source, ...Source[]] = [
  meetup(
    "rsvps",
    "RSVP",
    { key: "group.group_state", id: "rsvp_id" },
    { links: ["event.event_url"], words: "event.event_name", nameOf: stateNameOf },
  ),
  meetup(
    "open_events",
    "event",
    { key: "venue.state", id: "id" },
    { links: ["event_url"], words: "name", nameOf: stateNameOf },
  ),
  meetup("open_venues?trickle", "venue", { key: "state", id: "id" }, { words: "name", nameOf: stateNameOf }),
  // Comments name no place; the group's category tells them apart.
  meetup("event_comments", "comment", { key: "group.category.shortname", id: "id" }, { words: "comment" }),
  meetup(
    "photos",
    "photo",
    { key: "photo_album.group.state", id: "photo_id" },
    { links: ["photo_link"], words: "photo_album.event.name", nameOf: stateNameOf },
  ),
  WIKIMEDIA,
  BLUESKY,
];

/** The source of this name, if the catalogue has it. */
export const sourceNamed = (name: string): Source | undefined =>
  CATALOGUE.find((source) => source.name === name);

/** An option's value as a source. @throws ToolError (usage) that names the nearest. */
export function parseSource(name: string): Source {
  const source = sourceNamed(name);
  if (source !== undefined) return source;
  const near = didYouMean(
    name,
    CATALOGUE.map((known) => known.name),
  );
  throw new ToolError("usage", `expected a source of the catalogue, got ${name}${near}`);
}
