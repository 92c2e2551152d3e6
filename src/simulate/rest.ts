import type { Group } from "./community.ts";
import { isMemberId, type Profile, profileWithId } from "./members.ts";
import { groupOf } from "./open-events.ts";
import type { Topic } from "./words.ts";
import type { World } from "./world.ts";

/** Results on one page. */
const PAGE_MAX = 200;

export interface RestRequest {
  readonly method: "members" | "groups";
  /** The whole address of the request. */
  readonly url: URL;
  /** Stream time, ms since the epoch. */
  readonly now: number;
}

/** The body of an answer, or what is wrong with the request. */
export type RestAnswer = { readonly body: unknown } | { readonly problem: string };

/** Answers `/2/members` and `/2/groups` for people and groups of a world; unknown ids are left out, as they were. */
export function restAnswer(world: World, { method, url, now }: RestRequest): RestAnswer {
  const query = url.searchParams;
  const page = Math.min(numberOr(query.get("page"), PAGE_MAX), PAGE_MAX);
  const offset = numberOr(query.get("offset"), 0);
  if (!(page >= 1 && offset >= 0)) return { problem: "expected whole numbers in page and offset" };
  const found = method === "members" ? members(world, query) : groups(world, query);
  if (found === undefined) {
    const wanted = method === "members" ? "member_id" : "group_id or group_urlname";
    return { problem: `expected ${wanted}, separated by commas` };
  }
  const results = found.slice(offset * page, (offset + 1) * page).map((make) => make());
  const address = (at: number) => addressOf(url, { page, offset: at });
  const body = {
    results,
    meta: {
      next: (offset + 1) * page < found.length ? address(offset + 1) : "",
      method: method === "members" ? "Members" : "Groups",
      total_count: found.length,
      link: `${url.origin}${url.pathname}`,
      count: results.length,
      description: method === "members" ? "API method for accessing members of Meetup Groups" : "None",
      lon: method === "members" ? "" : "None",
      title: method === "members" ? "Meetup Members v2" : "Meetup Groups v2",
      // The key comes back in it, as it did: who logs an answer has logged the key.
      url: address(offset),
      id: "",
      updated: now,
      lat: method === "members" ? "" : "None",
    },
  };
  return { body };
}

type Makers = (() => unknown)[];

function members({ settings }: World, query: URLSearchParams): Makers | undefined {
  const ids = listIn(query.get("member_id"));
  return ids
    ?.map(Number)
    .filter(isMemberId)
    .sort((a, b) => a - b)
    .map((id) => () => memberJson(profileWithId(settings.seed, id), settings.start));
}

function groups({ community }: World, query: URLSearchParams): Makers | undefined {
  const found =
    listIn(query.get("group_id"))?.map((id) => community.groupWithId(Number(id))) ??
    listIn(query.get("group_urlname"))?.map((name) => community.groupNamed(name));
  return found?.flatMap((group) => (group === undefined ? [] : [() => groupJson(group)]));
}

function memberJson(profile: Profile, start: number) {
  const { id, name, photo, twitter, place, city, topics, bio } = profile;
  return {
    lon: city.lon,
    hometown: city.name,
    status: "active",
    link: `http://www.meetup.com/members/${id}`,
    ...(place.state === undefined ? {} : { state: place.state }),
    self: { common: {} },
    ...(photo === undefined ? {} : { photo: photoJson(photo, id) }),
    lang: "en_US",
    country: place.country,
    city: city.name,
    id,
    visited: start - profile.visitedBefore,
    topics: topics.map(topicJson),
    joined: start - profile.joinedBefore,
    ...(bio === undefined ? {} : { bio }),
    name,
    other_services: twitter === undefined ? {} : { twitter: { identifier: twitter } },
    lat: city.lat,
  };
}

const photoJson = (thumb: string, id: number) => ({
  photo_link: thumb.replace("thumb_", "member_"),
  highres_link: thumb.replace("thumb_", "highres_"),
  thumb_link: thumb,
  photo_id: id,
});

function groupJson(group: Group) {
  const { category, group_photo } = groupOf(group);
  return {
    utc_offset: group.place.utcOffset * 3_600_000,
    country: group.place.country.toUpperCase(),
    visibility: "public",
    city: group.city.name,
    ...(group.place.state === undefined ? {} : { state: group.place.state }),
    created: group.created,
    topics: group.topics.map(topicJson),
    link: `https://www.meetup.com/${group.urlname}/`,
    rating: 4 + (group.id % 100) / 100,
    description: `<p>${group.name}: all are welcome.</p>`,
    lon: group.city.lon,
    group_photo: { ...group_photo, base_url: "https://secure.meetupstatic.com", type: "event" },
    join_mode: group.joinMode,
    organizer: { member_id: group.organizer, name: "Organizer" },
    members: group.memberCount,
    name: group.name,
    id: group.id,
    urlname: group.urlname,
    category,
    lat: group.city.lat,
    who: "Members",
  };
}

const topicJson = ({ urlkey, topic_name }: Topic) => ({
  urlkey,
  name: topic_name,
  id: [...urlkey].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7),
});

function addressOf(url: URL, { page, offset }: { page: number; offset: number }): string {
  const query = new URLSearchParams(url.searchParams);
  query.set("offset", String(offset));
  query.set("page", String(page));
  if (!query.has("format")) query.set("format", "json");
  return `${url.origin}${url.pathname}?${query}`;
}

/** Different words of a list; undefined when it has none. */
function listIn(text: string | null): string[] | undefined {
  const words = [...new Set((text ?? "").split(",").map((word) => word.trim()))].filter(
    (word) => word !== "",
  );
  return words.length === 0 ? undefined : words;
}

const numberOr = (text: string | null, otherwise: number) =>
  text === null ? otherwise : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
