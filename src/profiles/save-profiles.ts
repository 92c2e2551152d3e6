import type { JsonObject } from "../core/json-object.ts";
import { type Patience, retried } from "../core/retry.ts";
import type { DocumentStore } from "./document-store.ts";
import { documentName, type ProfileKind } from "./kinds.ts";
import type { ProfileSource } from "./profile-source.ts";

/** Ceilings of the first wait after a failure and of all waits, ms. */
export const RETRY_MS = { first: 500, max: 60_000 } as const;

export interface SaveProfilesOptions {
  readonly source: ProfileSource;
  readonly store: DocumentStore;
  /** Where the documents go. */
  readonly collection: string;
  /** How failures of either are waited out. */
  readonly patience: { readonly source: Patience; readonly store: Patience };
}

/** What became of the ids that were asked for; together they are all of them. */
export interface SavedProfiles {
  readonly stored: readonly number[];
  /** The API does not know them. */
  readonly unknown: readonly number[];
  /** The store takes them in no form. */
  readonly refused: readonly { readonly id: number; readonly reason: string }[];
}

/**
 * Asks for profiles and merges them into their documents, `m{id}`. Holds what the API says of `source.idsMax` ids.
 * @throws Passing when patience ends; ToolError for what will not pass. What was stored by then stays.
 */
export async function saveProfiles(
  kind: ProfileKind,
  ids: readonly number[],
  { source, store, collection, patience }: SaveProfilesOptions,
): Promise<SavedProfiles> {
  const found = new Map<number, JsonObject>();
  const refused: { id: number; reason: string }[] = [];
  const different = [...new Set(ids)];
  for (let from = 0; from < different.length; from += source.idsMax) {
    const part = different.slice(from, from + source.idsMax);
    const fetch = () => source.fetch(kind, part, patience.source.signal);
    const profiles = await retried(fetch, patience.source);
    for (const { id, fields } of profiles) found.set(id, fields);
    const documents = profiles.map(({ id, fields }) => ({ collection, id: documentName(id), fields }));
    if (documents.length === 0) continue;
    const turnedAway = await retried(() => store.merge(documents), patience.store);
    for (const { document, reason } of turnedAway) {
      refused.push({ id: Number(document.id.slice(1)), reason });
    }
  }
  const notStored = new Set(refused.map(({ id }) => id));
  return {
    stored: different.filter((id) => found.has(id) && !notStored.has(id)),
    unknown: different.filter((id) => !found.has(id)),
    refused,
  };
}
