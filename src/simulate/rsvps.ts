import type { Group, Meeting } from "./community.ts";
import { apiJson } from "./json.ts";
import { drawMemberId, type Member, memberWithId } from "./members.ts";
import type { MessageWriter } from "./message-writer.ts";
import type { Random } from "./random.ts";

/** Messages that tell a known RSVP anew. */
const REPEAT_SHARE = 0.182;
/** Repeats of the message just before. The others lie within the last RECENT_MAX. */
const REPEAT_LAST_SHARE = 0.8;
/** Repeats that change the answer. */
const CHANGED_SHARE = 0.13;
const RECENT_MAX = 256;
const FIRST_RSVP_ID = 1_658_000_000;

interface Rsvp {
  readonly id: number;
  readonly guests: number;
  readonly member: string;
  readonly meeting: Fragments;
  yes: boolean;
  /** mtimes it was told with lie between these; a repeat gets another, so no two messages are equal. */
  earliest: number;
  latest: number;
}

/** The parts of a message that stay the same for one meeting, ready to be copied. */
interface Fragments {
  readonly venue: Buffer;
  readonly eventAndGroup: Buffer;
}

/**
 * RSVPs in the look of the recorded ones: same fields in the same order, 18 % repeats of an `rsvp_id`, sizes around
 * 1.4 kB. Holds the fragments of each meeting met (some 12,000 at most) and the last 256 RSVPs.
 */
export const rsvpWriter: MessageWriter = ({ seed, community, random }) => {
  const fragments = new Map<Meeting, Fragments>();
  const recent: Rsvp[] = [];
  let count = 0;
  let made = 0;

  function fragmentsOf(group: Group, meeting: Meeting): Fragments {
    let known = fragments.get(meeting);
    if (known === undefined) {
      known = { venue: venueFragment(meeting), eventAndGroup: eventAndGroupFragment(group, meeting, random) };
      fragments.set(meeting, known);
    }
    return known;
  }

  function repeated(mtime: number): Rsvp | undefined {
    if (!random.chance(REPEAT_SHARE)) return undefined;
    const back = random.chance(REPEAT_LAST_SHARE) ? 1 : 2 + Math.floor(254 * random.uniform() ** 4);
    const rsvp = count >= back ? recent[(count - back) % RECENT_MAX] : undefined;
    if (rsvp === undefined || (mtime >= rsvp.earliest && mtime <= rsvp.latest)) return undefined;
    if (random.chance(CHANGED_SHARE)) rsvp.yes = !rsvp.yes;
    rsvp.earliest = Math.min(rsvp.earliest, mtime);
    rsvp.latest = Math.max(rsvp.latest, mtime);
    return rsvp;
  }

  function fresh(mtime: number, place: number): Rsvp {
    const group = community.groupIn(place, random);
    const meeting = group.meetings[Math.floor(random.uniform() ** 2 * group.meetings.length)]!;
    return {
      id: FIRST_RSVP_ID + 7 * made++,
      guests: guestsOf(random),
      member: memberFragment(memberWithId(seed, drawMemberId(random))),
      meeting: fragmentsOf(group, meeting),
      yes: random.chance(0.73),
      earliest: mtime,
      latest: mtime,
    };
  }

  return (to, { mtime, place }) => {
    const rsvp = repeated(mtime) ?? fresh(mtime, place);
    recent[count++ % RECENT_MAX] = rsvp;
    const { venue, eventAndGroup } = rsvp.meeting;
    to.bytes(venue, 0, venue.length);
    to.text(
      `"visibility":"public","response":"${rsvp.yes ? "yes" : "no"}","guests":${rsvp.guests},"member":${rsvp.member},"rsvp_id":${rsvp.id},"mtime":${mtime},`,
    );
    to.bytes(eventAndGroup, 0, eventAndGroup.length);
  };
};

function guestsOf(random: Random): number {
  const drawn = random.uniform();
  if (drawn < 0.936) return 0;
  return drawn < 0.986 ? 1 : 2 + Math.floor(random.exponential());
}

/** As apiJson would write it, in a fifth of the time: each RSVP has another member. Names and handles need no escapes. */
function memberFragment({ id, name, photo, twitter }: Member): string {
  const services = twitter === undefined ? "" : `"other_services":{"twitter":{"identifier":"${twitter}"}},`;
  const picture = photo === undefined ? "" : `"photo":"${photo.replaceAll("/", "\\/")}",`;
  return `{"member_id":${id},${services}${picture}"member_name":"${name}"}`;
}

function venueFragment({ venue }: Meeting): Buffer {
  if (venue === undefined) return Buffer.from("{");
  const { id, name, lat, lon } = venue;
  return Buffer.from(`{"venue":${apiJson({ venue_name: name, lon, lat, venue_id: id })},`);
}

function eventAndGroupFragment(group: Group, meeting: Meeting, random: Random): Buffer {
  const event = {
    event_name: meeting.name,
    event_id: meeting.id,
    // A few meetings have no date yet.
    ...(random.chance(0.005) ? {} : { time: meeting.time }),
    event_url: meeting.url,
  };
  const { place, city } = group;
  const told = {
    group_topics: group.topics.map(({ urlkey, topic_name }) => ({ urlkey, topic_name })),
    group_city: city.name,
    group_country: place.country,
    group_id: group.id,
    group_name: group.name,
    group_lon: city.lon,
    group_urlname: group.urlname,
    ...(place.state === undefined ? {} : { group_state: place.state }),
    group_lat: city.lat,
  };
  return Buffer.from(`"event":${apiJson(event)},"group":${apiJson(told)}}\n`);
}
