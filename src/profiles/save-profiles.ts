import type { JsonObject } from "../core/json-object.ts";
import { type Patience, retried } from "../core/retry.ts";
import type { DocumentStore } from "./document-store.ts";
import { documentName, type ProfileKind } from "./kinds.ts";
import { type Profile, type ProfileSource, RefusedIds } from "./profile-source.ts";

/** Ceilings of the first wait after a failure and of all waits, ms. */
export const RETRY_MS = { first: 500, max: 60_000 } as const;

/** When so many ids of a request are refused one by one and none was taken, it is not for the ids. */
const REFUSED_ALONE_MAX = 10;

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
  readonly refused: readonly RefusedProfile[];
}

/** An id that the source takes in no request, or whose document the store takes in no form. */
export interface RefusedProfile {
  readonly id: number;
  /** The name of the one who refuses. */
  readonly by: string;
  readonly reason: string;
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
  const refused: RefusedProfile[] = [];
  const different = [...new Set(ids)];
  for (let from = 0; from < different.length; from += source.idsMax) {
    const part = different.slice(from, from + source.idsMax);
    const { profiles, refusals } = await askByHalves(part, source.name, (some) =>
      retried(() => source.fetch(kind, some, patience.source.signal), patience.source),
    );
    refused.push(...refusals);
    for (const { id, fields } of profiles) found.set(id, fields);
    const documents = profiles.map(({ id, fields }) => ({ collection, id: documentName(id), fields }));
    if (documents.length === 0) continue;
    const turnedAway = await retried(() => store.merge(documents), patience.store);
    for (const { document, reason } of turnedAway) {
      refused.push({ id: Number(document.id.slice(1)), by: store.name, reason });
    }
  }
  const notStored = new Set(refused.map(({ id }) => id));
  return {
    stored: different.filter((id) => found.has(id) && !notStored.has(id)),
    unknown: different.filter((id) => !found.has(id) && !notStored.has(id)),
    refused,
  };
}

/**
 * Asks for ids; those that are refused are found by halving.
 * @throws RefusedIds when the first ten are, for then it is hardly for the ids; else what `fetch` throws.
 */
async function askByHalves(
  ids: readonly number[],
  by: string,
  fetch: (some: readonly number[]) => Promise<readonly Profile[]>,
): Promise<{ readonly profiles: readonly Profile[]; readonly refusals: readonly RefusedProfile[] }> {
  const profiles: Profile[] = [];
  const refusals: RefusedProfile[] = [];
  let isAnyTaken = false;

  async function ask(some: readonly number[]): Promise<void> {
    try {
      profiles.push(...(await fetch(some)));
      isAnyTaken = true;
    } catch (error) {
      if (!(error instanceof RefusedIds)) throw error;
      if (some.length > 1) {
        const half = Math.ceil(some.length / 2);
        await ask(some.slice(0, half));
        return ask(some.slice(half));
      }
      const reason = `it answers ${error.facts["status"]} to a request for it alone`;
      refusals.push(...some.map((id) => ({ id, by, reason })));
      if (!isAnyTaken && refusals.length >= REFUSED_ALONE_MAX) throw error;
    }
  }

  await ask(ids);
  return { profiles, refusals };
}
