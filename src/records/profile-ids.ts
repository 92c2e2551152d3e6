import { type JsonObject, parseObject } from "../core/json-object.ts";
import { jsonScanner } from "../core/json-scan.ts";
import { valueIn } from "./message.ts";

/** Whom one message of Meetup's streams is about. */
export interface ProfileIds {
  readonly member: number | undefined;
  readonly group: number | undefined;
}

/**
 * Where the five streams have them. RSVPs: `member.member_id`, `group.group_id`; comments: `member.member_id`, `group.id`;
 * open events: `group.id`; photos: `member.member_id`, `photo_album.group.id`; open venues: none.
 */
const MEMBER_PATHS = ["member.member_id"];
const GROUP_PATHS = ["group.group_id", "group.id", "photo_album.group.id"];
const ID_PATHS = [...MEMBER_PATHS, ...GROUP_PATHS];
/** Of a record; a raw message has its own `event`, but never `t`. */
const MARKS = ["tick", "t", "event", "mtime"];

export interface ProfileIdReader {
  /** Of the message that was read last. */
  readonly ids: ProfileIds;
  /**
   * Reads an event record, a tick, or a raw message (which is known by its `mtime`).
   * @returns "event", "tick"; "ignored" for any other object; else what is wrong with the line.
   */
  read(buffer: Buffer, start: number, end: number): string;
}

/** Finds whom messages are about, without building them; whatever looks odd goes to JSON.parse. */
export function profileIdReader(): ProfileIdReader {
  const ids: { member: number | undefined; group: number | undefined } = {
    member: undefined,
    group: undefined,
  };
  const places = [...MARKS, ...ID_PATHS, ...ID_PATHS.map((path) => `event.${path}`)];
  const scanner = jsonScanner(places);

  function scanned(buffer: Buffer): (path: string) => unknown {
    return (path) => {
      const slot = places.indexOf(path);
      const start = scanner.starts[slot]!;
      if (start < 0) return undefined;
      // Only what kind it is counts where it is no scalar.
      if (buffer[start] === 0x7b) return {};
      if (buffer[start] === 0x5b) return [];
      return JSON.parse(buffer.toString("utf8", start, scanner.ends[slot]!));
    };
  }

  function take(value: (path: string) => unknown): string {
    const kind = kindOf(value);
    if (kind !== "record" && kind !== "message") return kind;
    const prefix = kind === "record" ? "event." : "";
    const find = (paths: readonly string[]): number | undefined | string => {
      for (const path of paths) {
        const id = idFrom(value(`${prefix}${path}`));
        if (id === "odd") return `expected a whole number in ${path}`;
        if (id !== undefined) return id;
      }
      return undefined;
    };
    const [member, group] = [find(MEMBER_PATHS), find(GROUP_PATHS)];
    if (typeof member === "string") return member;
    if (typeof group === "string") return group;
    ids.member = member;
    ids.group = group;
    return "event";
  }

  return {
    ids,
    read(buffer, start, end) {
      ids.member = undefined;
      ids.group = undefined;
      if (scanner.scan(buffer, start, end)) return take(scanned(buffer));
      const fields: JsonObject | string = parseObject(buffer.toString("utf8", start, end));
      if (typeof fields === "string") return fields;
      return take((path) => valueIn(fields, path));
    },
  };
}

/** "record", "message", or what ProfileIdReader.read gives for anything else. */
function kindOf(value: (path: string) => unknown): string {
  const tick = value("tick");
  if (tick !== undefined) return typeof tick === "number" ? "tick" : "expected a number in tick";
  const [t, event] = [value("t"), value("event")];
  if (t === undefined && typeof value("mtime") === "number") return "message";
  if (event === undefined) return "ignored";
  if (typeof t !== "number") return "expected a number in t";
  return typeof event === "object" && event !== null && !Array.isArray(event)
    ? "record"
    : "expected an object in event";
}

/** A positive whole number, in digits or in quotes; undefined for none; "odd" for anything else. */
function idFrom(value: unknown): number | undefined | "odd" {
  if (value === undefined || value === null) return undefined;
  const id = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? id : "odd";
}
