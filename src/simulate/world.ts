import type { ByteWriter } from "../core/byte-writer.ts";
import { poissonArrivals } from "./arrivals.ts";
import { brokenLines } from "./broken-lines.ts";
import { type Community, community } from "./community.ts";
import { type Disorder, mtimes } from "./disorder.ts";
import { eventCommentWriter } from "./event-comments.ts";
import type { MessageWriter } from "./message-writer.ts";
import { openEventWriter } from "./open-events.ts";
import { openVenueWriter } from "./open-venues.ts";
import { photoWriter } from "./photos.ts";
import { Random } from "./random.ts";
import { rsvpWriter } from "./rsvps.ts";
import { placeChooser } from "./shares.ts";
import type { Story } from "./story.ts";
import { nextMoments } from "./timetable.ts";

/** The five streams: who writes their messages, and how many come for each RSVP. */
const STREAMS = {
  rsvps: { writer: rsvpWriter, perRsvp: 1 },
  open_events: { writer: openEventWriter, perRsvp: 0.3 },
  open_venues: { writer: openVenueWriter, perRsvp: 0.1 },
  event_comments: { writer: eventCommentWriter, perRsvp: 0.05 },
  photos: { writer: photoWriter, perRsvp: 0.15 },
} satisfies Record<string, { writer: MessageWriter; perRsvp: number }>;

export type StreamName = keyof typeof STREAMS;
export const STREAM_NAMES = Object.keys(STREAMS) as readonly StreamName[];

export interface WorldSettings {
  /** The same seed and settings give the same bytes. */
  readonly seed: string;
  /** RSVPs per second. The other streams run at fixed fractions of it. */
  readonly rate: number;
  /** When the stream begins, ms since the epoch. */
  readonly start: number;
  readonly disorder: Disorder;
  readonly story: Story;
}

/** The lines of one stream, in the order in which they are sent. */
export interface LineSource {
  /** When the next line is sent, ms from the start; undefined when that is after `horizon`. */
  nextAt(horizon: number): number | undefined;
  /** Writes that line, newline included. @returns its mtime, undefined when it is a broken line. */
  write(to: ByteWriter): number | undefined;
}

export interface World {
  readonly settings: WorldSettings;
  readonly community: Community;
  /** A new source, at the start of its stream. */
  lines(stream: StreamName): LineSource;
}

/** @throws ToolError (usage) when the story asks for shares that cannot be. */
export function world(settings: WorldSettings): World {
  const groups = community(settings);
  placeChooser(settings.story);
  return { settings, community: groups, lines: (stream) => lineSource(settings, groups, stream) };
}

function lineSource(settings: WorldSettings, groups: Community, stream: StreamName): LineSource {
  const { seed, rate, start, disorder, story } = settings;
  const { writer, perRsvp } = STREAMS[stream];
  // A sequence for each purpose: what one of them draws moves nothing in the others.
  const random = (purpose: string) => new Random(seed, stream, purpose);
  const writerWith = (purpose: string) => writer({ seed, community: groups, start, random: random(purpose) });

  const arrivals = poissonArrivals(random("arrivals"), { rate: rate * perRsvp, story });
  const mtimeOf = mtimes(random("disorder"), disorder);
  const choosePlace = placeChooser(story);
  const placeRandom = random("places");
  const writeMessage = writerWith("content");
  const writeBroken = brokenLines(random("broken"), writerWith("broken content"));
  let broken = nextBroken(story, -1);
  let next: { readonly at: number; readonly broken: boolean } | undefined;

  return {
    nextAt(horizon) {
      const arrival = arrivals.peek(Math.min(horizon, broken.at));
      if (arrival !== undefined) next = { at: arrival, broken: false };
      else next = broken.at <= horizon ? { at: broken.at, broken: true } : undefined;
      return next?.at;
    },
    write(to) {
      if (next === undefined) throw new Error("invariant: a line is written only after nextAt told of it");
      const { at } = next;
      if (next.broken) {
        writeBroken(to);
        if (--broken.lines === 0) broken = nextBroken(story, at);
        return undefined;
      }
      arrivals.take();
      const mtime = mtimeOf(start + at);
      writeMessage(to, { mtime, place: choosePlace(at, placeRandom) });
      return mtime;
    },
  };
}

/** The broken lines that come next after a time. */
function nextBroken(story: Story, after: number): { readonly at: number; lines: number } {
  const moments = nextMoments(story, "garbage", { after });
  const lines = moments.reduce((sum, { effect }) => sum + effect.lines, 0);
  return { at: moments[0]?.at ?? Number.POSITIVE_INFINITY, lines };
}
