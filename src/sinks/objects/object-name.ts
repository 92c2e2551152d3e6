import { createHash } from "node:crypto";

/** Longest that an id is in a name, bytes: folders allow 255 for all of it. */
const ID_BYTES_MAX = 180;
/** How many hex digits of a message's SHA-256 tell apart those of one id and second; the next where one is not enough. */
export const HASH_DIGITS = [8, 16, 64] as const;
/** In place of an id: what follows is a hash. No id that is written out has it. */
const HASHED = "~";
const LONE_SURROGATE = /\p{Surrogate}/u;
const OBJECT = /^([\w.~%-]+)_(\d{1,12})(?:-([0-9a-f]{8,64}))?\.json$/;
const BATCH = /^(\d{8}T\d{6}\.\d{3}Z)_(\d{8}T\d{6}\.\d{3}Z)_([0-9a-f]{16})\.ndjson\.gz$/;

export const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

/**
 * A text as a part of a name in a folder or a bucket: letters, digits, `_ - .` stand for themselves, all else, and a
 * point at the beginning, is %XX of UTF-8. Two texts never give one name; too long ones are `~` and their hash.
 */
export function safeName(text: string): string {
  const isWhole = text !== "" && text.length <= ID_BYTES_MAX && !LONE_SURROGATE.test(text);
  const name = (isWhole ? encodeURIComponent(text) : "")
    .replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\./, "%2E");
  return name !== "" && name.length <= ID_BYTES_MAX
    ? name
    : `${HASHED}${sha256(JSON.stringify(text)).slice(0, 32)}`;
}

/** What an object's name begins with: its label, and who and when. @param hash SHA-256 of the message, hex. */
export function objectStem(
  label: string,
  { id, t, hash }: { id: string | null; t: number; hash: () => string },
) {
  const who = id === null ? `${HASHED}${hash().slice(0, 16)}` : safeName(id);
  return `${label}/${who}_${Math.floor(t / 1000)}`;
}

/** `{label}/{least t}_{greatest t}_{16 hex of SHA-256 of its lines}.ndjson.gz`. */
export const batchName = (
  label: string,
  { first, last }: { first: number; last: number },
  hash: string,
): string => `${label}/${stamp(first)}_${stamp(last)}_${hash.slice(0, 16)}.ndjson.gz`;

/** What a name says. Times in ms since the Unix epoch. */
export type ObjectName =
  | {
      readonly kind: "object";
      readonly label: string;
      /** The id as `safeName` wrote it, or `~` and a hash. */
      readonly who: string;
      /** Its second. */
      readonly t: number;
      /** Hex digits of the message's SHA-256 that the name ends with, if it does. */
      readonly hash: string | undefined;
    }
  | {
      readonly kind: "batch";
      readonly label: string;
      readonly t: number;
      readonly last: number;
      readonly hash: string;
    };

/** What the archive has called so; undefined for a name that is none of its own. */
export function decodeObjectName(name: string): ObjectName | undefined {
  const slash = name.lastIndexOf("/");
  const label = slash < 0 ? "" : name.slice(0, slash);
  const file = name.slice(slash + 1);
  const object = OBJECT.exec(file);
  if (object !== null) {
    const [, who, second, hash] = object;
    return { kind: "object", label, who: who!, t: Number(second) * 1000, hash };
  }
  const batch = BATCH.exec(file);
  if (batch === null) return undefined;
  const [t, last] = [timeOf(batch[1]!), timeOf(batch[2]!)];
  return Number.isNaN(t + last) ? undefined : { kind: "batch", label, t, last, hash: batch[3]! };
}

/** ISO 8601, basic format, which has no colons: `20170319T121111.668Z`. */
const stamp = (t: number): string => new Date(Math.floor(t)).toISOString().replace(/[-:]/g, "");

const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(....)(..)(..T..)(..)/, (_all, y, m, d, min) => `${y}-${m}-${d}:${min}:`));
