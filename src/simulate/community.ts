import { type City, PLACES, type Place } from "./places.ts";
import { Random } from "./random.ts";
import { EVENT_FORMS, GROUP_KINDS, STREETS, TOPICS, type Topic, VENUE_NAMES } from "./words.ts";

/** Groups that meet in each place. */
export const GROUPS_PER_PLACE = 40;
/** Meetings that each group has planned. */
const MEETINGS_PER_GROUP = 4;
const GROUP_COUNT = PLACES.length * GROUPS_PER_PLACE;
/** Ids run from the first in steps of a prime, so that they look drawn and lead back to their index. */
const GROUP_ID_FIRST = 1_000_003;
const GROUP_ID_STEP = 6007;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How many topics groups have: how many of the recording's 1,541 groups had 1, 2, … of them. */
const TOPIC_COUNTS = [15, 4, 30, 41, 40, 57, 85, 81, 112, 77, 136, 139, 128, 184, 365, 29, 14, 2, 0, 2];

export interface Venue {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly zip: string;
  readonly lat: number;
  readonly lon: number;
}

export interface Meeting {
  /** Decimal, or letters and digits for one of a series. */
  readonly id: string;
  readonly name: string;
  /** ms since the epoch. */
  readonly time: number;
  readonly url: string;
  /** ms. */
  readonly duration: number;
  /** Four in five have one. */
  readonly venue?: Venue;
}

export interface Group {
  readonly index: number;
  readonly id: number;
  readonly name: string;
  readonly urlname: string;
  readonly place: Place;
  readonly city: City;
  readonly topics: readonly Topic[];
  readonly joinMode: "open" | "approval";
  /** ms since the epoch. */
  readonly created: number;
  readonly memberCount: number;
  readonly organizer: number;
  readonly meetings: readonly Meeting[];
}

/** The groups of one world. Each is made when it is first asked for and then kept: 3,080 at most. */
export interface Community {
  group(index: number): Group;
  /** undefined when no group has this id. */
  groupWithId(id: number): Group | undefined;
  groupNamed(urlname: string): Group | undefined;
  /** A group in a place (index of PLACES), popular ones more often. */
  groupIn(place: number, random: Random): Group;
}

/** @param start ms since the epoch; meetings are planned after it. */
export function community({ seed, start }: { readonly seed: string; readonly start: number }): Community {
  const groups: (Group | undefined)[] = new Array(GROUP_COUNT);
  function group(index: number): Group {
    groups[index] ??= makeGroup(index, new Random(seed, "group", index), start);
    return groups[index];
  }
  return {
    group,
    groupWithId(id) {
      const index = (id - GROUP_ID_FIRST) / GROUP_ID_STEP;
      return Number.isInteger(index) && index >= 0 && index < GROUP_COUNT ? group(index) : undefined;
    },
    groupNamed(urlname) {
      const index = Number(/-(\d+)$/.exec(urlname)?.[1]);
      if (!(index >= 0 && index < GROUP_COUNT)) return undefined;
      const found = group(index);
      return found.urlname === urlname ? found : undefined;
    },
    groupIn: (place, random) =>
      group(place * GROUPS_PER_PLACE + Math.floor(random.uniform() ** 2 * GROUPS_PER_PLACE)),
  };
}

function makeGroup(index: number, random: Random, start: number): Group {
  const place = PLACES[Math.floor(index / GROUPS_PER_PLACE)]!;
  const city = random.pick(place.cities);
  const topics = topicsOf(random);
  const name = `${city.name} ${topics[0]!.topic_name} ${random.pick(GROUP_KINDS)}`;
  const urlname = `${name.replace(/[^A-Za-z0-9]+/g, "-")}-${index}`;
  const group = {
    index,
    id: GROUP_ID_FIRST + index * GROUP_ID_STEP,
    name,
    urlname,
    place,
    city: { ...city, lat: near(city.lat, random), lon: near(city.lon, random) },
    topics,
    joinMode: random.chance(0.7) ? ("open" as const) : ("approval" as const),
    created: start - DAY * (30 + random.below(3000)),
    memberCount: 20 + random.below(4000),
    organizer: MEMBER_ID_FIRST + random.below(MEMBER_ID_COUNT),
  };
  const meetings = Array.from({ length: MEETINGS_PER_GROUP }, () => makeMeeting(group, random, start));
  return { ...group, meetings };
}

/** The ids that members can have, wherever they turn up. */
export const MEMBER_ID_FIRST = 8_000_000;
export const MEMBER_ID_COUNT = 190_000_000;

function makeMeeting(
  { urlname, city, topics, place }: Pick<Group, "urlname" | "city" | "topics" | "place">,
  random: Random,
  start: number,
): Meeting {
  const venue = random.chance(0.8) ? makeVenue(city, random) : undefined;
  const url = random.chance(0.5) ? String(230_000_000 + random.below(15_000_000)) : undefined;
  const id = url ?? letters(random, 12);
  const hours = 1 + Math.floor(random.exponential() * 24 * 10);
  const localHour = 9 + random.below(12);
  const day = Math.floor((start + hours * HOUR) / DAY) * DAY;
  return {
    id,
    name: random
      .pick(EVENT_FORMS)
      .replace("{topic}", topics[0]!.topic_name)
      .replace("{venue}", venue?.name ?? city.name),
    time: day + DAY + (localHour - place.utcOffset) * HOUR,
    url: `https://www.meetup.com/${urlname}/events/${url ?? 230_000_000 + random.below(15_000_000)}/`,
    duration: HOUR * (1 + random.below(4)),
    ...(venue === undefined ? {} : { venue }),
  };
}

function makeVenue(city: City, random: Random): Venue {
  return {
    id: 1_000_000 + random.below(24_000_000),
    name: random.pick(VENUE_NAMES),
    address: `${1 + random.below(900)} ${random.pick(STREETS)} St`,
    zip: String(10_000 + random.below(89_999)),
    lat: round(city.lat + (random.uniform() - 0.5) / 5, 6),
    lon: round(city.lon + (random.uniform() - 0.5) / 5, 6),
  };
}

/** Different topics, most of them of one category. The first one gives the group its name. */
function topicsOf(random: Random): Topic[] {
  const first = random.pick(TOPICS);
  const related = TOPICS.filter(({ category }) => category === first.category);
  const count = topicCount(random);
  const chosen = new Set([first]);
  // Drawn again when drawn before: related ones run out, so every second draw is from all.
  for (let draw = 0; chosen.size < count; draw++) chosen.add(random.pick(draw % 2 === 0 ? related : TOPICS));
  return [...chosen];
}

function topicCount(random: Random): number {
  let left = random.below(TOPIC_COUNTS.reduce((sum, groups) => sum + groups, 0));
  return (
    TOPIC_COUNTS.findIndex((groups) => {
      left -= groups;
      return left < 0;
    }) + 1
  );
}

function letters(random: Random, length: number): string {
  const alphabet = "bcdfghjklmnpqrstvwxyz";
  return Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join("");
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));
const near = (degrees: number, random: Random) => round(degrees + (random.uniform() - 0.5) / 20, 2);
