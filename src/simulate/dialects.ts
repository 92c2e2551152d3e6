import { type SentLines, sentUs } from "./listener.ts";

/** What is known of a message besides its text. */
interface Told {
  /** Its own time, ms since the epoch. */
  readonly mtime: number;
  /** When it was sent, µs from the start. */
  readonly sentUs: number;
}

/** Makes another stream's message of an RSVP. */
export type Shape = (message: Buffer, told: Told) => string;

/** What is taken of an RSVP. */
interface Rsvp {
  readonly rsvp_id: number;
  readonly member: { readonly member_id: number; readonly member_name: string };
  readonly event: { readonly event_name: string; readonly event_url: string };
  readonly group: { readonly group_state?: string; readonly group_country: string };
}

const rsvpOf = (message: Buffer) => JSON.parse(message.toString("utf8")) as Rsvp;
/** Where it comes from: `ca`, `gb`. */
const placeOf = ({ group }: Rsvp) => (group.group_state ?? group.group_country).toLowerCase();

/** As Wikimedia's stream of recent changes has its messages: an edit of `cawiki` for an RSVP from CA. */
export const asRecentChange: Shape = (message, { mtime }) => {
  const rsvp = rsvpOf(message);
  const { rsvp_id: id, member, event } = rsvp;
  const wiki = `${placeOf(rsvp)}wiki`;
  const domain = `${wiki}.example.org`;
  const dt = new Date(mtime).toISOString();
  return JSON.stringify({
    $schema: "/mediawiki/recentchange/1.0.0",
    meta: { uri: event.event_url, id: `${id}-${mtime}`, dt, domain, stream: "mediawiki.recentchange" },
    id,
    type: "edit",
    title: event.event_name,
    timestamp: Math.floor(mtime / 1000),
    user: member.member_name,
    bot: false,
    notify_url: event.event_url,
    wiki,
  });
};

/**
 * As Jetstream has its messages: a commit to `com.meetup.rsvp.ca` for an RSVP from CA. Their time is when they were sent.
 * @param start of the stream, ms since the epoch.
 */
export const asCommit =
  (start: number): Shape =>
  (message, { mtime, sentUs: sent }) => {
    const rsvp = rsvpOf(message);
    const { rsvp_id: id, member, event } = rsvp;
    const collection = `com.meetup.rsvp.${placeOf(rsvp)}`;
    const createdAt = new Date(mtime).toISOString();
    const record = { $type: collection, createdAt, text: event.event_name };
    const commit = { rev: String(id), operation: "create", collection, rkey: String(id), record };
    const time = start * 1000 + sent;
    return JSON.stringify({ did: `did:plc:${member.member_id}`, time_us: time, kind: "commit", commit });
  };

/** Gives each line without its newline, in its shape, with its number; broken lines stay as they are, and have none. */
export function eachLine(
  lines: SentLines,
  shape: Shape | undefined,
  give: (line: Buffer | string, number: number | undefined) => void,
): void {
  const { bytes, ends, mtimes } = lines;
  const numbers = lines.numbers();
  let start = 0;
  for (const [i, end] of ends.entries()) {
    const line = bytes.subarray(start, end - 1);
    start = end;
    const [mtime, number] = [mtimes[i], numbers[i]!];
    if (mtime === undefined) give(line, undefined);
    else give(shape === undefined ? line : shape(line, { mtime, sentUs: sentUs(lines, number) }), number);
  }
}
