import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { readIfThere, writeAtomically } from "../core/durable.ts";
import { stateFolder } from "../core/environment.ts";
import { ToolError } from "../core/errors.ts";
import { makeFolder } from "../core/folders.ts";
import { type JsonObject, parseObject } from "../core/json-object.ts";
import { lockHolder, tryLock } from "../core/lock.ts";
import type { Place } from "../records/place.ts";
import { isTime } from "../records/time-path.ts";

const FILE = "places.json";
/** Least time between two writes, ms. */
const WRITE_MS_MIN = 1000;

/** Where a stream has got to, and at which source: the place is of no use at another. */
export interface StreamPlace {
  readonly address: string;
  readonly place: Place;
}

/** Up to where the messages of each stream are kept for good, on the disk. One process has it open. */
export interface PlaceFile {
  /** Where this stream of this address had got to. */
  placeOf(stream: string, address: string): Place | undefined;
  /** All before this place is kept for good; written by the next `settle`. */
  moved(stream: string, at: StreamPlace): void;
  /** Writes what moved, at most once a second. @throws ToolError (io, permission). */
  settle(): void;
  /** Writes what moved, and lets go. @throws ToolError (io, permission). */
  close(): void;
}

/** Where places are kept when nobody says: a folder for each config file. */
export function stateFolderOf(configPath: string): string {
  const hash = createHash("sha256").update(wholePath(configPath)).digest("hex").slice(0, 16);
  return join(stateFolder(), "collect", hash);
}

function wholePath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/**
 * Opens a folder's `places.json`, which is replaced in one step, with a lock beside it.
 * @throws ToolError (unavailable) while another process has it open; (configuration) for a file that is none of ours.
 */
export function openPlaces(folder: string, clock: Pick<Clock, "elapsed">): PlaceFile {
  makeFolder(folder);
  const path = join(folder, FILE);
  const lock = tryLock(`${path}.lock`);
  if (lock === undefined) {
    const pid = lockHolder(`${path}.lock`);
    const who = pid === undefined ? "another process" : `another process (pid ${pid})`;
    throw new ToolError("unavailable", `${folder}: ${who} collects already; end it first`, {
      facts: { folder, pid },
    });
  }
  let places: Map<string, StreamPlace>;
  try {
    places = decodePlaces(readIfThere(path), path);
  } catch (error) {
    lock.release();
    throw error;
  }
  let isNew = false;
  let writtenAt = Number.NEGATIVE_INFINITY;

  function write(): void {
    if (!isNew) return;
    writeAtomically(path, `${JSON.stringify({ streams: Object.fromEntries(places) })}\n`);
    isNew = false;
    writtenAt = clock.elapsed();
  }

  return {
    placeOf(stream, address) {
      const at = places.get(stream);
      return at?.address === hashOf(address) ? at.place : undefined;
    },
    moved(stream, { address, place }) {
      places.set(stream, { address: hashOf(address), place });
      isNew = true;
    },
    settle() {
      if (clock.elapsed() - writtenAt >= WRITE_MS_MIN) write();
    },
    close() {
      try {
        write();
      } finally {
        lock.release();
      }
    },
  };
}

/** Addresses may hold a secret. */
const hashOf = (address: string): string => createHash("sha256").update(address).digest("hex").slice(0, 16);

function decodePlaces(text: string | undefined, path: string): Map<string, StreamPlace> {
  if (text === undefined) return new Map();
  const { streams } = orRefuse(parseObject(text), path);
  const entries = Object.entries(orRefuse(streams, path)).map(([stream, value]) => {
    const { address, place } = orRefuse(value, path);
    const { cursor, passed } = orRefuse(place, path);
    if (typeof address !== "string" || !isJson(cursor)) throw refusal(path);
    if (typeof passed !== "number" || !isTime(passed)) throw refusal(path);
    return [stream, { address, place: { cursor, passed } }] as const;
  });
  return new Map(entries);
}

function isJson(text: unknown): text is string {
  try {
    return typeof text === "string" && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

function orRefuse(value: unknown, path: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw refusal(path);
}

const refusal = (path: string) =>
  new ToolError(
    "configuration",
    `${path}: expected the places of streams, got something else; remove it to begin with what is live`,
  );
