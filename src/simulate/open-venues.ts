import { apiJson } from "./json.ts";
import type { MessageWriter } from "./message-writer.ts";
import { venueOf } from "./open-events.ts";

/** Venues that were entered or changed. */
export const openVenueWriter: MessageWriter = ({ community, random }) => {
  return (to, { mtime, place }) => {
    const group = community.groupIn(place, random);
    const venue = group.meetings.find((meeting) => meeting.venue !== undefined)?.venue ?? {
      id: group.id,
      name: group.city.name,
      address: "1 Main St",
      zip: "00001",
      lat: group.city.lat,
      lon: group.city.lon,
    };
    const phone = random.chance(0.2) ? { phone: `555-01${10 + random.below(90)}` } : {};
    to.text(`${apiJson({ ...venueOf(venue, group), ...phone, mtime })}\n`);
  };
};
