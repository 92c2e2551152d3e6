import { ToolError } from "../core/errors.ts";
import { ALERT_KINDS, type AlertKind } from "../records/alert.ts";
import { timeFrom } from "../records/time-path.ts";

/** A planned silence: from `from` on and before `to`, ms since the Unix epoch. */
export interface Mute {
  readonly from: number;
  readonly to: number;
  /** Only this stream; undefined: any. */
  readonly stream?: string;
  /** Only this kind of alert; undefined: any. */
  readonly alert?: AlertKind;
}

/** Entries of one file. */
const MUTES_MAX = 10_000;
const FIELDS = ["from", "to", "stream", "alert", "why"];

/**
 * Reads planned silences, one JSON object a line:
 * `{"from":"2026-12-24T18:00Z","to":"2026-12-25T06:00Z","stream":"x","alert":"silence","why":"holidays"}`;
 * `from` and `to` with their zone, the rest as one likes. Blank lines and lines that begin with # are passed over.
 * @throws ToolError (configuration) that names the file and the line.
 */
export function parseMutes(text: string, path: string): readonly Mute[] {
  const mutes: Mute[] = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "" || line.trimStart().startsWith("#")) return;
    const mute = decodeMute(line);
    if (typeof mute === "string") {
      throw new ToolError("configuration", `${path}: line ${index + 1}: ${mute}`);
    }
    mutes.push(mute);
  });
  if (mutes.length <= MUTES_MAX) return mutes;
  throw new ToolError(
    "configuration",
    `${path}: expected at most ${MUTES_MAX} planned silences, got ${mutes.length}; remove past ones`,
  );
}

/** A mute, or what is wrong with the line. */
function decodeMute(line: string): Mute | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return `expected {"from":…,"to":…}, got ${JSON.stringify(line.slice(0, 40))}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "expected a JSON object, got another JSON value";
  }
  const fields = value as Record<string, unknown>;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return `expected ${FIELDS.join(", ")}, got ${JSON.stringify(unknown)}`;
  const from = timeFrom(fields["from"], "iso");
  const to = timeFrom(fields["to"], "iso");
  if (from === undefined) return "expected an ISO 8601 time with its zone in from, such as 2026-12-24T18:00Z";
  if (to === undefined) return "expected an ISO 8601 time with its zone in to, such as 2026-12-25T06:00Z";
  if (to <= from) return "expected to after from, got one at or before it";
  const { stream, alert } = fields;
  if (stream !== undefined && typeof stream !== "string") return "expected a string in stream";
  const kind = ALERT_KINDS.find((candidate) => candidate === alert);
  if (alert !== undefined && kind === undefined) {
    return `expected one of ${ALERT_KINDS.join(", ")} in alert, got ${JSON.stringify(alert)}`;
  }
  return {
    from,
    to,
    ...(stream === undefined ? {} : { stream }),
    ...(kind === undefined ? {} : { alert: kind }),
  };
}

/** True while one of the planned silences covers this stream, this kind and this time, ms. */
export function isMuted(mutes: readonly Mute[], stream: string, kind: AlertKind, t: number): boolean {
  return mutes.some(
    (mute) =>
      mute.from <= t &&
      t < mute.to &&
      (mute.stream === undefined || mute.stream === stream) &&
      (mute.alert === undefined || mute.alert === kind),
  );
}
