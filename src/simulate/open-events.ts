import type { Group, Meeting, Venue } from "./community.ts";
import { apiJson } from "./json.ts";
import type { MessageWriter } from "./message-writer.ts";
import type { Place } from "./places.ts";

/** Events that were announced or changed. */
export const openEventWriter: MessageWriter = ({ community, random }) => {
  return (to, { mtime, place }) => {
    const group = community.groupIn(place, random);
    const meeting = random.pick(group.meetings);
    const fee = random.chance(0.15)
      ? { amount: 5 * (1 + random.below(8)), currency: "USD", description: "per person" }
      : undefined;
    const message = {
      utc_offset: group.place.utcOffset * 3_600_000,
      ...(meeting.venue === undefined ? {} : { venue: venueOf(meeting.venue, group) }),
      ...(random.chance(0.4) ? { rsvp_limit: 10 + random.below(60) } : {}),
      venue_visibility: "public",
      visibility: "public",
      maybe_rsvp_count: 0,
      description: descriptionOf(group, meeting, random.below(4)),
      mtime,
      event_url: meeting.url,
      yes_rsvp_count: random.below(80),
      ...(random.chance(0.05)
        ? {
            photo_url: `http://photos1.meetupstatic.com/photos/event/0/0/0/0/global_${random.below(1e8)}.jpeg`,
          }
        : {}),
      payment_required: fee === undefined ? "0" : "1",
      name: meeting.name,
      id: meeting.id,
      time: meeting.time,
      duration: meeting.duration,
      ...(fee === undefined ? {} : { fee }),
      group: groupOf(group),
      status: random.pick(["upcoming", "upcoming", "upcoming", "upcoming", "cancelled", "deleted"]),
    };
    to.text(`${apiJson(message)}\n`);
  };
};

/** A group as the streams of events and of comments show it. */
export function groupOf(group: Group) {
  const photo = `http://photos2.meetupstatic.com/photos/event/0/0/0/0`;
  return {
    id: group.id,
    name: group.name,
    group_lat: group.city.lat,
    group_lon: group.city.lon,
    urlname: group.urlname,
    join_mode: group.joinMode,
    category: group.topics[0]!.category,
    group_photo: {
      highres_link: `${photo}/highres_${group.id}.jpeg`,
      photo_link: `${photo}/600_${group.id}.jpeg`,
      thumb_link: `${photo}/thumb_${group.id}.jpeg`,
      photo_id: group.id,
    },
  };
}

/** A venue as the API tells it in full. */
export function venueOf(
  venue: Venue,
  { place, city }: { readonly place: Place; readonly city: { readonly name: string } },
) {
  return {
    id: venue.id,
    name: venue.name,
    address_1: venue.address,
    city: city.name,
    ...(place.state === undefined ? {} : { state: place.state }),
    zip: venue.zip,
    country: place.country,
    lat: venue.lat,
    lon: venue.lon,
  };
}

function descriptionOf(group: Group, meeting: Meeting, paragraphs: number): string {
  const topic = group.topics[0]!.topic_name;
  return Array.from(
    { length: paragraphs + 1 },
    (_, i) =>
      `<p>${i === 0 ? meeting.name : `More about ${topic}`}: we meet in ${group.city.name} for ${topic} and good company.</p>`,
  ).join(" ");
}
