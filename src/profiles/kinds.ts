/** What there are profiles of, as Meetup's API names it; also the names of the collections that they are kept in. */
export const PROFILE_KINDS = ["members", "groups"] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

/** The name of a member's or group's document, by its id. */
export const documentName = (id: number): string => `m${id}`;
