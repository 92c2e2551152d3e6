import { hash } from "node:crypto";

/** Bytes of a print: among as many messages as a source could send again, no two that differ have the same. */
export const PRINT_BYTES = 8;

/** What tells a message from others: the first eight bytes of its SHA-256. */
export const printOf = (message: Buffer): Buffer =>
  hash("sha256", message, "buffer").subarray(0, PRINT_BYTES);

/** The same as text, for records: Base64 for URLs. */
export const printTextOf = (message: Buffer): string => printOf(message).toString("base64url");
