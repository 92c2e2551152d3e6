/** An object that is to be stored. */
export interface NewObject {
  /** Its name in the store: parts joined by `/`, none of them empty or beginning with a point. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** An object that is there. */
export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
}

/** What became of an object: it was made, or one of this name was there before, with the same bytes or with others. */
export type Put = "created" | "identical" | "different";

/**
 * A place that keeps objects: names with bytes. What is there is never changed.
 *
 * A name is there whole or not at all, whatever is killed; and when `putAll` has given its answer, for good.
 */
export interface ObjectStore {
  /** What people call it: the folder, or `gs://BUCKET`. */
  readonly shown: string;
  /** The folder on this machine where what is not finished yet may be kept; undefined where it has none. */
  readonly folder?: string;
  /** How many `read` may be under way at a time. */
  readonly readsMax: number;
  /**
   * Stores objects that are not there, each verified by a checksum, and tells of each what became of it, in order.
   * One name may come twice: the first is made.
   * @param giveUp aborts when a store that is away is no longer to be waited for.
   * @throws ToolError (io, permission, cannotCreate, unavailable, configuration); some of them may be stored then.
   */
  putAll(objects: readonly NewObject[], giveUp: AbortSignal): Promise<Put[]>;
  /** Finds out whether objects could be stored, and leaves nothing. @throws what `putAll` would. */
  check(giveUp: AbortSignal): Promise<void>;
  /**
   * The bytes of an object, verified by a checksum where the store has one.
   * @param giveUp aborts when a store that is away is no longer to be waited for; a minute is waited at most.
   * @throws ToolError (io, unavailable, …).
   */
  read(name: string, giveUp: AbortSignal): Promise<Buffer>;
  /** All objects whose name begins so, in no order. Holds a page of them, or a folder's. As `read`. */
  list(prefix: string, giveUp: AbortSignal): AsyncIterable<StoredObject>;
  /** Removes objects, those that are gone already too; undefined where the store has its own way of doing so. */
  removeAll?(names: readonly string[]): Promise<void>;
}
