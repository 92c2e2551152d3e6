import { apiJson } from "./json.ts";
import { drawMemberId, memberWithId } from "./members.ts";
import type { MessageWriter } from "./message-writer.ts";

const FIRST_PHOTO_ID = 459_000_000;

/** Photos that were put into a group's album. */
export const photoWriter: MessageWriter = ({ seed, community, random }) => {
  let made = 0;
  return (to, { mtime, place }) => {
    const group = community.groupIn(place, random);
    const meeting = random.pick(group.meetings);
    const { id, name } = memberWithId(seed, drawMemberId(random));
    const photoId = FIRST_PHOTO_ID + made++;
    const address = `http://photos${1 + (photoId % 4)}.meetupstatic.com/photos/event/0/0/0/0`;
    const message = {
      photo_id: photoId,
      highres_link: `${address}/highres_${photoId}.jpeg`,
      photo_link: `${address}/600_${photoId}.jpeg`,
      thumb_link: `${address}/thumb_${photoId}.jpeg`,
      ...(random.chance(0.2) ? { caption: `At ${meeting.name}` } : {}),
      ctime: mtime - random.below(4000),
      mtime,
      member: { member_id: id, name },
      photo_album: {
        photo_album_id: 27_000_000 + group.index,
        event: { id: meeting.id, name: meeting.name },
        group: {
          id: group.id,
          name: group.name,
          urlname: group.urlname,
          city: group.city.name,
          ...(group.place.state === undefined ? {} : { state: group.place.state }),
          country: group.place.country,
          group_lat: group.city.lat,
          group_lon: group.city.lon,
          join_mode: group.joinMode,
          group_topics: group.topics.map(({ urlkey, topic_name }) => ({ urlkey, topic_name })),
        },
      },
    };
    to.text(`${apiJson(message)}\n`);
  };
};
