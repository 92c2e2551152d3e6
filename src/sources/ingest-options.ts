import { ToolError } from "../core/errors.ts";
import type { Where } from "../records/message.ts";
import type { TimePath } from "../records/time-path.ts";
import type { Protocol, Source } from "./catalogue.ts";

/** What ingest is told. */
export interface IngestOptions {
  readonly source: Source;
  readonly url?: string | undefined;
  readonly protocol?: Protocol | undefined;
  readonly contact?: string | undefined;
  readonly replay?: string | undefined;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly speed: number;
  readonly shiftToNow: boolean;
  readonly time?: TimePath | undefined;
  readonly key?: string | undefined;
  readonly id?: string | undefined;
  readonly where: readonly Where[];
  readonly keys?: readonly string[] | undefined;
  readonly redact: readonly string[];
  readonly raw: boolean;
  readonly stream?: string | undefined;
  readonly ahead: number;
  readonly stall: number;
  readonly resume: boolean;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** @param isArchive what is to be replayed is an archive. @throws ToolError (usage) for options that contradict one another. */
export function checkTogether(
  { replay, url, protocol, resume, raw, from, until }: IngestOptions,
  isArchive: boolean,
): void {
  if (replay !== undefined && url !== undefined) {
    throw new ToolError("usage", "--replay and --url: expected one of them, got both");
  }
  if (replay !== undefined && protocol !== undefined) {
    throw new ToolError("usage", "--protocol says what --url speaks; --replay reads a file");
  }
  if ((from ?? until) !== undefined && !isArchive) {
    throw new ToolError("usage", "--from and --until are of --replay with an archive");
  }
  if (resume && raw) {
    throw new ToolError("usage", "--resume and --raw: messages alone do not say where to go on after them");
  }
}

export function parseSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new ToolError("usage", `expected a factor such as 1 or 60, or max, got ${JSON.stringify(text)}`);
}

export function parseWhere(text: string, before: readonly Where[]): readonly Where[] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new ToolError("usage", `expected PATH=VALUE, got ${JSON.stringify(text)}`);
  return [...before, { path: text.slice(0, equals), value: text.slice(equals + 1) }];
}
