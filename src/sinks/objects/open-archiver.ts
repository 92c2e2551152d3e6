import type { Clock } from "../../core/clock.ts";
import { ToolError } from "../../core/errors.ts";
import { parseSize } from "../../core/sizes.ts";
import { parsePositiveSpan } from "../../core/spans.ts";
import { Archiver, type ArchiverOptions } from "./archiver.ts";
import { type BatchLimits, batchKeeper } from "./batch-keeper.ts";
import { objectKeeper } from "./object-keeper.ts";
import type { ObjectStore } from "./object-store.ts";

export interface OpenArchiverOptions extends ArchiverOptions {
  readonly store: ObjectStore;
  /** Given: messages go together into batches; undefined: each is an object. */
  readonly batch?: BatchLimits | undefined;
  readonly clock: Clock;
}

/** What keeps messages in a store. Batches that a killed run left open are finished by `recoverBatches`, first. */
export function openArchiver({ store, batch, clock, ...options }: OpenArchiverOptions): Archiver {
  const keeper =
    batch === undefined
      ? objectKeeper(store)
      : batchKeeper({ store, limits: batch, clock, log: options.log });
  return new Archiver(keeper, options);
}

/** Largest batch, bytes: it is held compressed, and must be in memory for that. */
const BATCH_BYTES_MAX = 1 << 30;

/** `64MB/5m`: how large, and how old. @throws ToolError (usage). */
export function parseBatchLimits(text: string): BatchLimits {
  const [size, span, ...more] = text.split("/");
  if (size === undefined || span === undefined || more.length > 0)
    throw new ToolError("usage", `expected SIZE/SPAN such as 64MB/5m, got ${JSON.stringify(text)}`);
  const bytes = parseSize(size);
  if (bytes > BATCH_BYTES_MAX) throw new ToolError("usage", `expected a batch of at most 1GiB, got ${size}`);
  return { bytes, age: parsePositiveSpan(span) };
}
