import { ToolError } from "../core/errors.ts";
import type { OpenBucket } from "./save-stream-data.ts";

/** The bucket as the archive writes it. */
export const openBucket: OpenBucket = async () => {
  throw new ToolError("configuration", "this build has no archive");
};
