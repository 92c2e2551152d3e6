import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import type { Bucket, File } from "@google-cloud/storage";
import { type Clock, timerMs } from "../../core/clock.ts";
import { ToolError } from "../../core/errors.ts";
import { inTurns } from "../../core/in-turns.ts";
import type { Log } from "../../core/log.ts";
import { backOff } from "../../core/retry.ts";
import { waitAsked } from "../../core/retry-after.ts";
import { formatSpan } from "../../core/spans.ts";
import { answered, type Moving } from "./answered.ts";
import { judge, optionalPackageMissing, refusal } from "./gcs-verdict.ts";
import type { NewObject, ObjectStore, Put, StoredObject } from "./object-store.ts";

/** Requests that are under way at a time. */
const REQUESTS_MAX = 64;
/** Ceilings of the waits between two tries, ms. Google asks for a second at first, doubling up to 32 or 64 s. */
const RETRY_MS = { first: 1000, max: 32_000 } as const;
/** A bucket that was never reached is given up this long after the first failure, ms. */
const REACH_MS = 4000;
/** A request that has no answer and moves no byte is given up and made again after this, ms. */
const REQUEST_MS = 60_000;
/** Who reads waits this long for a bucket that fails, ms. */
const READ_MS = 60_000;
/** How much of an object is handed to the client at a time, bytes. */
const PIECE_BYTES = 1 << 18;
/** Larger objects are sent as resumable uploads, which have no limit of time for the whole, bytes. */
const RESUMABLE_BYTES = 8 << 20;

/** What storing takes: making objects, and looking at one whose name is taken. */
const PERMISSIONS = ["storage.objects.create", "storage.objects.get"] as const;

export interface GcsOptions {
  readonly bucket: string;
  /** What all names begin with: empty, or ending with `/`. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** How long a request may have no answer and move no byte, ms. */
  readonly silence?: number;
}

interface Trying {
  /** Ends the trying of a bucket that fails. */
  readonly giveUp: AbortSignal;
  /** Ends it in the middle of a request. */
  readonly cut?: AbortSignal;
  /** How long a bucket that was reached is tried without success, ms. */
  readonly patience?: number;
}

const never = new AbortController().signal;

/**
 * Objects in a bucket of Google Cloud Storage, by Google's own client.
 *
 * Made only where there is none (`ifGenerationMatch=0`), so a request that is sent again does no harm; verified by MD5
 * at Google's side and by CRC-32C at ours. 408, 429, 5xx and broken connections are tried again with truncated
 * exponential back-off and full jitter, until it is given up. https://cloud.google.com/storage/docs/retry-strategy
 * @throws ToolError (configuration) where the client is not installed.
 */
export async function gcsStore({
  bucket: name,
  prefix,
  clock,
  random,
  log,
  silence = REQUEST_MS,
}: GcsOptions): Promise<ObjectStore> {
  const { Storage } = await import("@google-cloud/storage").catch((error: unknown) => {
    throw optionalPackageMissing(error);
  });
  // Tries are ours: the client's own have no end that we could set, and no jitter below a second.
  const bucket: Bucket = new Storage({ retryOptions: { autoRetry: false, maxRetries: 0 } }).bucket(name);
  const shown = `gs://${name}/${prefix}`.replace(/\/$/, "");
  /** When the first failure was that no success came after; ms of the clock that only goes forward. */
  let failing: number | undefined;
  let isReached = false;
  let isAway = false;

  /** Tells once that the store is away, and once that it is back. */
  function away(reason: string, wait: number): void {
    if (!isAway)
      log.warning(`${shown}: ${reason}; trying again, next in ${formatSpan(wait / 1000)}`, { reason });
    isAway = true;
  }
  function back(): void {
    if (isAway) log.notice(`${shown}: answers again`);
    failing = undefined;
    isReached = true;
    isAway = false;
  }

  const unavailable = (error: unknown, asked: number) => {
    const { status, reason } = judge(error);
    const words = isReached ? "stays away" : "cannot be reached";
    const facts = { status, retryAfter: asked / 1000 };
    return new ToolError("unavailable", `${shown}: ${words}: ${reason}`, { cause: error, facts });
  };

  /** Makes a request until it succeeds, is refused or is given up. */
  async function trying<Result>(
    request: (moving: Moving) => Promise<Result>,
    { giveUp, cut = never, patience = Number.POSITIVE_INFINITY }: Trying,
  ): Promise<Result> {
    const waits = backOff({ ...RETRY_MS, random });
    for (;;) {
      try {
        const result = await answered(request, { silence, giveUp: cut });
        back();
        return result;
      } catch (error) {
        const verdict = judge(error);
        if (verdict.kind === "refused") throw refusal(shown, name, error);
        if (verdict.answered) isReached = true;
        failing ??= clock.elapsed();
        const tooLong = clock.elapsed() - failing > (isReached ? patience : REACH_MS);
        const asked = waitAsked(verdict.retryAfter, clock.now());
        if (giveUp.aborted || tooLong) throw unavailable(error, asked);
        const wait = Math.max(waits.next(), asked);
        away(verdict.reason, wait);
        await clock.sleep(wait, giveUp);
        if (giveUp.aborted) throw unavailable(error, asked);
      }
    }
  }

  async function put({ name: object, bytes }: NewObject, giveUp: AbortSignal): Promise<Put> {
    const file = bucket.file(prefix + object);
    const md5Hash = createHash("md5").update(bytes).digest("base64");
    return trying(
      async ({ moved, signal }) => {
        try {
          const upload = file.createWriteStream({
            resumable: bytes.length > RESUMABLE_BYTES,
            validation: "crc32c",
            preconditionOpts: { ifGenerationMatch: 0 },
            metadata: {
              md5Hash,
              contentType: object.endsWith(".gz") ? "application/gzip" : "application/json",
            },
            timeout: timerMs(silence),
          });
          upload.on("progress", moved);
          await pipeline(piecesOf(bytes), upload, { signal });
          return "created";
        } catch (error) {
          const { status } = judge(error);
          if (status === 412) return comparison(file, md5Hash);
          if (status !== 403) throw error;
          // Who may create and not overwrite is refused so where the name is taken.
          return comparison(file, md5Hash).catch((other: unknown) => {
            throw judge(other).kind === "again" ? other : error;
          });
        }
      },
      { giveUp, cut: giveUp },
    );
  }

  return {
    shown,
    readsMax: REQUESTS_MAX,
    putAll: (objects, giveUp) => inTurns(objects, REQUESTS_MAX, (object) => put(object, giveUp)),
    async check(giveUp) {
      const [granted] = await trying(() => bucket.iam.testPermissions([...PERMISSIONS]), {
        giveUp,
        cut: giveUp,
      });
      const missing = PERMISSIONS.filter((permission) => granted[permission] !== true);
      if (missing.length > 0) {
        throw new ToolError(
          "permission",
          `${shown}: the account lacks ${missing.join(" and ")}; give it roles/storage.objectCreator and roles/storage.objectViewer on the bucket`,
        );
      }
    },
    read: (object, giveUp) =>
      trying((moving) => download(bucket.file(prefix + object), moving), { giveUp, patience: READ_MS }),
    async *list(wanted, giveUp) {
      let query: object | undefined = { prefix: prefix + wanted, autoPaginate: false };
      while (query !== undefined) {
        const asked: object = query;
        const [files, next] = await trying(() => bucket.getFiles(asked), { giveUp, patience: READ_MS });
        for (const file of files) yield listed(file, prefix);
        // The client forgets that its own paging is off.
        query = next === null ? undefined : { ...next, autoPaginate: false };
      }
    },
  };
}

/** In pieces, so that one hears that they move. */
function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** The bytes of an object. */
async function download(file: File, { moved, signal }: Moving): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const stream = file.createReadStream({ validation: "crc32c", decompress: false });
  await pipeline(
    stream,
    async (zipped) => {
      for await (const piece of zipped) {
        pieces.push(piece as Buffer);
        moved();
      }
    },
    { signal },
  );
  return Buffer.concat(pieces);
}

const listed = (file: File, prefix: string): StoredObject => ({
  name: file.name.slice(prefix.length),
  bytes: Number(file.metadata.size),
});

/** Of one that took the name first: by the hash that the bucket keeps; objects that were composed have none. */
async function comparison(file: File, md5Hash: string): Promise<Put> {
  const [metadata] = await file.getMetadata();
  return metadata.md5Hash === md5Hash ? "identical" : "different";
}
