import { hash } from "node:crypto";

/** Bytes of a print: among as many messages as a source could send again, no two that differ have the same. */
export const PRINT_BYTES = 8;

/** What tells a message from others: the first eight bytes of its SHA-256. */
export const printOf = (message: Buffer): Buffer =>
  hash("sha256", message, "buffer").subarray(0, PRINT_BYTES);

/** Bytes of a print that a number holds: of a million messages no two are likely to share them. */
const NUMBER_BYTES = 6;

/** The print that lies there, as a number: half the memory, for who keeps many. */
export const printNumber = (bytes: Buffer, at = 0): number => bytes.readUIntLE(at, NUMBER_BYTES);

/** The same as text, for records: Base64 for URLs. */
export const printTextOf = (message: Buffer): string => printOf(message).toString("base64url");
