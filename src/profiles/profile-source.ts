import { ToolError } from "../core/errors.ts";
import type { JsonObject } from "../core/json-object.ts";
import type { ProfileKind } from "./kinds.ts";

/** What the API says of one member or group. */
export interface Profile {
  readonly id: number;
  readonly fields: JsonObject;
}

/** A request that is refused for what it asks for: for one of its ids, perhaps, or because nobody there knows such requests. */
export class RefusedIds extends ToolError {}

/** Who is asked for profiles. */
export interface ProfileSource {
  /** How it is told to a person. */
  readonly name: string;
  /** Most ids that one request takes. */
  readonly idsMax: number;
  /**
   * Asks once for up to `idsMax` ids, waiting first until the rate limit has room. Whom the API does not know is left out.
   * @param signal ends that wait; a request that is under way goes on.
   * @throws Passing for what may pass by itself, and for a wait that was ended; RefusedIds where fewer ids, or others, may be
   * taken; ToolError for what will not pass.
   */
  fetch(kind: ProfileKind, ids: readonly number[], signal: AbortSignal): Promise<readonly Profile[]>;
  /** Gives up the requests that are under way. */
  abort(): void;
  /** How it stands to the rate limit, for a person. */
  standing(): string;
  close(): Promise<void>;
}
