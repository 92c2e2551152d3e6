import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ProfileKind } from "../profiles/kinds.ts";
import type { FunctionRequest, Handler } from "./http-function.ts";
import { RequestProblem } from "./problems.ts";

export interface ProfilesWanted {
  readonly kind: ProfileKind;
  readonly ids: readonly number[];
  /** The Firestore collection that they are merged into. */
  readonly collection: string;
  /** To Meetup's API; a secret. */
  readonly key: string;
}

/**
 * Fetches profiles and merges each into its document.
 * @throws ToolError (permission; unavailable with the facts `status` and `retryAfter`, s; configuration; io for what the
 * API takes in no request or the store in no form: the others are saved then).
 */
export type FetchProfiles = (wanted: ProfilesWanted) => Promise<ProfilesSaved>;

export interface ProfilesSaved {
  readonly saved: number;
  /** Ids that the API does not know. */
  readonly unknown: readonly number[];
}

/** Most ids of a request: as many as the API takes in one. */
const IDS_MAX = 200;
/** Up to fifteen digits: a double holds all of them. */
const ID = /^[1-9]\d{0,14}$/;
const ID_PARAMETERS: Readonly<Record<ProfileKind, string>> = { members: "member_id", groups: "group_id" };
const KEY = /^[\x21-\x7e]{1,200}$/;
/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const COLLECTION = /^(?!\.\.?$)(?!__.*__$)[^/\s]{1,200}$/;

export interface ProfilesHandlerOptions {
  readonly kind: ProfileKind;
  readonly fetchProfiles: FetchProfiles;
  /** The value of MEETUP_API_KEY. */
  readonly key: () => string | undefined;
  readonly log: Log;
}

/** `save_member_data?member_id=1,2&collection=C`, `save_group_data?group_id=…`: merges profiles into the collection. */
export function profilesHandler({ kind, fetchProfiles, key, log }: ProfilesHandlerOptions): Handler {
  let toldOfKey = false;

  function keyFor(request: FunctionRequest): string {
    const inQuery = request.optionalParameter("key");
    const own = key();
    if (inQuery !== undefined && !toldOfKey) {
      toldOfKey = true;
      log.notice(
        "a key came in the query, where every log of requests has it; set MEETUP_API_KEY and leave it out",
      );
    }
    if (own !== undefined) return own;
    if (inQuery !== undefined) {
      if (KEY.test(inQuery)) return inQuery;
      throw new RequestProblem(
        400,
        "expected a key to Meetup's API in the parameter key, got something else",
      );
    }
    throw new ToolError("configuration", "there is no key to Meetup's API: set the secret MEETUP_API_KEY");
  }

  return async (request) => {
    const name = ID_PARAMETERS[kind];
    const ids = idsOf(request.parameter(name), name);
    const collection = request.parameter("collection");
    if (!COLLECTION.test(collection)) {
      throw new RequestProblem(
        400,
        "expected the name of one collection, without a /, in the parameter collection",
      );
    }
    const { saved, unknown } = await fetchProfiles({ kind, ids, collection, key: keyFor(request) });
    return { status: 200, body: { saved, unknown } };
  };
}

function idsOf(text: string, name: string): readonly number[] {
  const ids = [...new Set(text.split(",").map((id) => id.trim()))];
  if (ids.length > IDS_MAX || !ids.every((id) => ID.test(id))) {
    throw new RequestProblem(
      400,
      `expected up to ${IDS_MAX} numbers, separated by commas, in the parameter ${name}`,
    );
  }
  return ids.map(Number);
}
