import { ToolError } from "../core/errors.ts";
import { jsonLog } from "../core/log-json.ts";
import { openObjects } from "../sinks/objects/destination.ts";
import { objectKeeper } from "../sinks/objects/object-keeper.ts";
import { inTime } from "./in-time.ts";
import { madeOnce } from "./made-once.ts";
import { RequestProblem } from "./problems.ts";
import type { OpenBucket } from "./save-stream-data.ts";

/** Buckets that an instance holds a client for. */
const BUCKETS_MAX = 8;
/** Each request to the bucket is made once: whoever called is told when to come again. */
const GIVE_UP = AbortSignal.abort();

const openObjectsOf = madeOnce(
  (bucket) => openObjects({ kind: "bucket", bucket, prefix: "" }, jsonLog("save_stream_data")),
  { max: BUCKETS_MAX },
);

/** A bucket as the tool archive writes it: the same names, create-only, verified by checksums. */
export const openBucket: OpenBucket = async (bucket) => {
  const store = await openObjectsOf(bucket);
  return {
    async save(label, id, t, bytes) {
      const keeper = objectKeeper(store);
      keeper.push({ label, id, t, bytes });
      const { archived } = await inTime(store.shown, keeper.keep(GIVE_UP)).catch((error: unknown) => {
        throw isUnknown(error) ? new RequestProblem(400, `there is no bucket ${bucket}`) : error;
      });
      return archived > 0 ? "created" : "exists";
    },
  };
};

/** The bucket was the caller's choice. */
const isUnknown = (error: unknown): boolean => error instanceof ToolError && error.facts["status"] === 404;
