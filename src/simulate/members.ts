import { MEMBER_ID_COUNT, MEMBER_ID_FIRST } from "./community.ts";
import { type City, PLACES, type Place } from "./places.ts";
import { Random } from "./random.ts";
import { FAMILY_NAMES, GIVEN_NAMES, TOPICS, type Topic } from "./words.ts";

/** What a message says of a person. */
export interface Member {
  readonly id: number;
  readonly name: string;
  /** Nineteen in twenty have one. */
  readonly photo?: string;
  /** One in ten tells an account elsewhere. */
  readonly twitter?: string;
}

/** What `/2/members` says besides. */
export interface Profile extends Member {
  readonly place: Place;
  readonly city: City;
  readonly topics: readonly Topic[];
  /** How many ms before the world's start they joined, and were last seen. */
  readonly joinedBefore: number;
  readonly visitedBefore: number;
  readonly bio?: string;
}

export const isMemberId = (id: number): boolean =>
  Number.isInteger(id) && id >= MEMBER_ID_FIRST && id < MEMBER_ID_FIRST + MEMBER_ID_COUNT;

export const drawMemberId = (random: Random): number => MEMBER_ID_FIRST + random.below(MEMBER_ID_COUNT);

/** A person, always the same under one id and seed. Nobody is kept: 190 million people fit into no memory. */
export function memberWithId(seed: string, id: number): Member {
  return makeMember(id, new Random(seed, "member", id));
}

export function profileWithId(seed: string, id: number): Profile {
  const random = new Random(seed, "member", id);
  const member = makeMember(id, random);
  const place = random.pick(PLACES);
  const day = 86_400_000;
  const visitedBefore = random.below(20 * day);
  return {
    ...member,
    place,
    city: random.pick(place.cities),
    topics: Array.from({ length: random.below(6) }, () => random.pick(TOPICS)),
    visitedBefore,
    joinedBefore: visitedBefore + random.below(2500 * day),
    ...(random.chance(0.3) ? { bio: "I like to meet people who like what I like." } : {}),
  };
}

function makeMember(id: number, random: Random): Member {
  const given = random.pick(GIVEN_NAMES);
  const family = random.pick(FAMILY_NAMES);
  return {
    id,
    name: random.chance(0.4) ? given : `${given} ${random.chance(0.5) ? `${family[0]}.` : family}`,
    ...(random.chance(0.05)
      ? {}
      : { photo: `http://photos${1 + random.below(4)}.meetupstatic.com/photos/member/${photoPath(id)}` }),
    ...(random.chance(0.1) ? { twitter: `@${given.toLowerCase()}_${id % 10_000}` } : {}),
  };
}

/** Four hexadecimal digits as folders, then the file, as the photo server had them. */
function photoPath(id: number): string {
  const digit = (shift: number) => ((id >>> shift) & 15).toString(16);
  return `${digit(12)}/${digit(8)}/${digit(4)}/${digit(0)}/thumb_${id}.jpeg`;
}
