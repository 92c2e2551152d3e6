import { systemClock } from "../core/clock.ts";
import { environmentVariable } from "../core/environment.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import { Passing, type Patience } from "../core/retry.ts";
import { documentName } from "../profiles/kinds.ts";
import { RETRY_MS, saveProfiles } from "../profiles/save-profiles.ts";
import { firestoreStore } from "../sinks/documents/firestore.ts";
import { checkedKey, MEETUP_API, parseApi } from "../sources/meetup-rest/address.ts";
import { meetupRest } from "../sources/meetup-rest/client.ts";
import { inTime } from "./in-time.ts";
import { madeOnce } from "./made-once.ts";
import type { FetchProfiles } from "./profiles-handler.ts";

/** Where the API is, if it is not Meetup's own; the variable is called as the tool's. */
const API_VARIABLES = ["RSVPULSE_PROFILES_API", "RSVPULSE_API"] as const;
/** Keys that an instance remembers the rate limit of: the secret, or those of callers of old. */
const KEYS_MAX = 8;
/** How long the rate limit is waited for, ms; past that the caller can do so more cheaply. */
const LIMIT_MS_MAX = 2000;

const openSource = madeOnce(
  async (key) => {
    const api = apiAddress();
    return meetupRest({ api, key: checkedKey(key, api), redact: [], clock: systemClock });
  },
  { max: KEYS_MAX },
);
const openDocuments = madeOnce(() => firestoreStore({}), { max: 1 });

/** Profiles as the tool of that name fetches and merges them, into Firestore; each request is made once. */
export const fetchProfiles: FetchProfiles = async ({ kind, ids, collection, key }) => {
  const [source, store] = [await openSource(key), await openDocuments("")];
  const patience: Patience = {
    ...RETRY_MS,
    random: Math.random,
    clock: systemClock,
    signal: AbortSignal.timeout(LIMIT_MS_MAX),
    triesMax: 1,
  };
  const saving = saveProfiles(kind, ids, {
    source: { ...source, fetch: (...asked) => tellingWho(source.name, source.fetch(...asked)) },
    store: { ...store, merge: (documents) => tellingWho(store.name, store.merge(documents)) },
    collection,
    patience: { source: patience, store: patience },
  });
  const { stored, unknown, refused } = await inTime(`${source.name} and ${store.name}`, saving);
  const [first] = refused;
  if (first !== undefined) {
    throw new ToolError(
      "io",
      `${refused.length} of ${ids.length} profiles are refused, the first (${documentName(first.id)}) by ${first.by}: ${first.reason}`,
    );
  }
  return { saved: stored.length, unknown };
};

/** What may pass by itself as an error for the caller: who failed, how, and when to come again. */
async function tellingWho<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Passing)) throw error;
    const { message, status, wait } = error;
    const facts = { status, retryAfter: wait / 1000 };
    throw new ToolError("unavailable", `${name}: ${message}`, { cause: error, facts });
  }
}

/** @throws ToolError (configuration) */
function apiAddress(): URL {
  const name = API_VARIABLES.find((variable) => environmentVariable(variable) !== undefined);
  if (name === undefined) return new URL(MEETUP_API);
  try {
    return parseApi(environmentVariable(name) ?? "");
  } catch (error) {
    throw new ToolError("configuration", `${name}: ${reasonOf(error)}`, { cause: error });
  }
}
