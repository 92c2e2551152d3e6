import { ToolError } from "../core/errors.ts";
import type { Where } from "../records/message.ts";

/** Options of ingest that say something about one another. */
interface Together {
  readonly replay?: string | undefined;
  readonly url?: string | undefined;
  readonly protocol?: string | undefined;
  readonly resume: boolean;
  readonly raw: boolean;
}

/** @throws ToolError (usage) for options that contradict one another. */
export function checkTogether({ replay, url, protocol, resume, raw }: Together): void {
  if (replay !== undefined && url !== undefined) {
    throw new ToolError("usage", "--replay and --url: expected one of them, got both");
  }
  if (replay !== undefined && protocol !== undefined) {
    throw new ToolError("usage", "--protocol says what --url speaks; --replay reads a file");
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
