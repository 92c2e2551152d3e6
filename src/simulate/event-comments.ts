import { apiJson } from "./json.ts";
import { drawMemberId, memberWithId } from "./members.ts";
import type { MessageWriter } from "./message-writer.ts";
import { groupOf } from "./open-events.ts";
import { COMMENTS } from "./words.ts";

const FIRST_COMMENT_ID = 476_000_000;

/** What people say under an event. */
export const eventCommentWriter: MessageWriter = ({ seed, community, random }) => {
  let made = 0;
  return (to, { mtime, place }) => {
    const group = community.groupIn(place, random);
    const meeting = random.pick(group.meetings);
    const { id, name, photo } = memberWithId(seed, drawMemberId(random));
    const message = {
      id: FIRST_COMMENT_ID + made++,
      comment: random.pick(COMMENTS),
      status: "approved",
      mtime,
      member: { member_id: id, member_name: name, ...(photo === undefined ? {} : { photo }) },
      group: groupOf(group),
      event: { event_id: meeting.id, event_name: meeting.name },
    };
    to.text(`${apiJson(message)}\n`);
  };
};
