import { ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { stateNameOf } from "../core/us-states.ts";
import type { MessagePaths } from "../records/message.ts";

export const PROTOCOLS = ["ndjson", "sse", "ws"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** How a source is asked for what was missed. */
export type Resume = "since_mtime" | "none";

/** A stream of messages that the toolkit knows its way around in. */
export interface Source {
  readonly name: string;
  readonly url: string;
  readonly protocol: Protocol;
  readonly paths: MessagePaths;
  /** Where a message has a link to itself, and words a person can read. */
  readonly link?: string;
  readonly words?: string;
  /** What one message is called. */
  readonly noun: string;
  /** A category as a person calls it; undefined where it is called by its key. */
  readonly nameOf?: (key: string) => string;
  readonly resume: Resume;
  /** Since when it no longer answers, if so. */
  readonly retired?: string;
}

const RETIRED = "Meetup retired its streams in February 2022";

/** One of Meetup's streams: newline-delimited JSON over chunked HTTP, resumed by `since_mtime`. */
function meetup(
  stream: string,
  noun: string,
  paths: Omit<MessagePaths, "time">,
  shown: Pick<Source, "link" | "words" | "nameOf">,
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

/** Every source that has a name. The first is the default. */
export const CATALOGUE: readonly [Source, ...Source[]] = [
  meetup(
    "rsvps",
    "RSVP",
    { key: "group.group_state", id: "rsvp_id" },
    { link: "event.event_url", words: "event.event_name", nameOf: stateNameOf },
  ),
  meetup(
    "open_events",
    "event",
    { key: "venue.state", id: "id" },
    { link: "event_url", words: "name", nameOf: stateNameOf },
  ),
  meetup("open_venues?trickle", "venue", { key: "state", id: "id" }, { words: "name", nameOf: stateNameOf }),
  // Comments name no place; the group's category tells them apart.
  meetup("event_comments", "comment", { key: "group.category.shortname", id: "id" }, { words: "comment" }),
  meetup(
    "photos",
    "photo",
    { key: "photo_album.group.state", id: "photo_id" },
    { link: "photo_link", words: "photo_album.event.name", nameOf: stateNameOf },
  ),
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
