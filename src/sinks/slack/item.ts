import { type JsonObject, parseObject } from "../../core/json-object.ts";
import { SEVERITIES, type Severity } from "../../core/log.ts";
import type { AlertState, Cause, Example } from "../../records/alert.ts";
import { cleanText } from "./escape.ts";
import { FACT_CHARS_MAX, FACTS_READ_MAX } from "./limits.ts";

/** An alert as far as Slack shows it; every field but the first three may be missing in what comes down a pipe. */
export interface AlertItem {
  readonly kind: "alert";
  readonly alert: string;
  readonly text: string;
  readonly state: AlertState;
  readonly stream: string | undefined;
  readonly id: string | undefined;
  readonly direction: string | undefined;
  /** What a threshold watches. */
  readonly field: string | undefined;
  /** ms since the Unix epoch. */
  readonly since: number | undefined;
  /** s. */
  readonly duration: number | undefined;
  readonly reason: string | undefined;
  readonly why: readonly Cause[];
  readonly examples: readonly Example[];
  /** The value over time, oldest first, where the alert brings it. */
  readonly history: readonly number[];
}

/** One record, by what can be shown of it. */
export type Item = AlertItem | OtherItem;

/** A record with `text`, one with `message` (a log record), or any other, whose text is its JSON. */
export interface OtherItem {
  readonly kind: "text" | "log" | "code";
  readonly severity: string | undefined;
  readonly tool: string | undefined;
  readonly text: string;
  /** When it was said, as it stands there; of records with `message` only, as are the facts. */
  readonly time?: string | undefined;
  /** What stands beside the message, in the record's order. */
  readonly facts?: readonly Fact[];
  /** It stands for this many more of its kind. */
  readonly repeats?: Repeats | undefined;
}

/** A field of a log record, cut to what is shown of it. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** How often a message came again, and in how long, whole s. */
export interface Repeats {
  readonly count: number;
  readonly within: number;
}

/**
 * What a line holds: an alert, a record with `text`, a log record or another one with `message`, else any JSON object.
 * @returns the item, or why the line is bad.
 */
export function decodeItem(line: string): Item | string {
  const fields = parseObject(line);
  if (typeof fields === "string") return fields;
  if (fields["alert"] !== undefined) return decodeAlert(fields);
  const about = { severity: visible(fields["severity"]), tool: visible(fields["tool"]) };
  const repeats = repeatsOf(fields);
  if (isText(fields["text"])) return { kind: "text", text: fields["text"], ...about, repeats };
  if (!isText(fields["message"])) return { kind: "code", text: line.trim(), ...about };
  const facts = Object.entries(fields).filter(([name]) => !NO_FACTS.has(name));
  return { ...logItem({ text: fields["message"], time: visible(fields["time"]), ...about, facts }), repeats };
}

/** What a log record says, with all that stands beside it. */
export interface LogParts extends Pick<OtherItem, "severity" | "tool" | "text" | "time"> {
  readonly facts: readonly (readonly [name: string, value: unknown])[];
}

/** A log record of which it is known what is a fact, whatever that is called. */
export const logItem = ({ facts, ...said }: LogParts): OtherItem => ({
  kind: "log",
  ...said,
  facts: factsOf(facts),
});

/** What a log record is made of besides its facts. */
const NO_FACTS: ReadonlySet<string> = new Set(["time", "severity", "tool", "message", "text", "repeats"]);

/** Facts in which there is something to see; no more of them than can be told apart. */
function factsOf(facts: LogParts["facts"]): Fact[] {
  return facts
    .filter(([name, value]) => value !== null && isText(name))
    .slice(0, FACTS_READ_MAX)
    .flatMap(([name, value]) => {
      const shown = typeof value === "string" ? value : JSON.stringify(value);
      return isText(shown)
        ? [{ name: name.slice(0, FACT_CHARS_MAX), value: shown.slice(0, FACT_CHARS_MAX) }]
        : [];
    });
}

function repeatsOf({ repeats }: JsonObject): Repeats | undefined {
  const { count, within } = fieldsOf(repeats);
  return typeof count === "number" && typeof within === "number" ? { count, within } : undefined;
}

const STATES: readonly string[] = ["firing", "update", "reminder", "resolved"] satisfies AlertState[];

function decodeAlert(fields: JsonObject): AlertItem | string {
  const { alert, state, text, t } = fields;
  if (typeof alert !== "string") return "expected a string in alert";
  if (t !== undefined && typeof t !== "number") return "expected a number in t";
  if (text !== undefined && typeof text !== "string") return "expected a string in text";
  if (state !== undefined && !STATES.includes(String(state))) return `expected ${STATES.join(", ")} in state`;
  const stream = visible(fields["stream"]);
  return {
    kind: "alert",
    alert,
    text: isText(text) ? text : [stream, alert, state].filter(isText).join(" "),
    state: (state as AlertState | undefined) ?? "firing",
    stream,
    id: visible(fields["id"]),
    direction: visible(fields["direction"]),
    field: visible(fields["field"]),
    since: numberOf(fields["since"]),
    duration: numberOf(fields["duration"]),
    reason: visible(fields["reason"]),
    why: listOf(fields["why"]).flatMap(causeOf),
    examples: listOf(fields["examples"]).flatMap(exampleOf),
    history: listOf(fields["history"]).filter((value) => typeof value === "number"),
  };
}

/** A string in which there is something to see. */
const isText = (value: unknown): value is string =>
  typeof value === "string" && cleanText(value).trim() !== "";
/** The same, or undefined. */
export const visible = (value: unknown): string | undefined => (isText(value) ? value : undefined);
const numberOf = (value: unknown) => (typeof value === "number" ? value : undefined);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const fieldsOf = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null ? (value as JsonObject) : {};

function causeOf(value: unknown): Cause[] {
  const { category, share } = fieldsOf(value);
  return typeof category === "string" && typeof share === "number" ? [{ category, share }] : [];
}

function exampleOf(value: unknown): Example[] {
  const { id, text, url } = fieldsOf(value);
  const shown = visible(text) ?? visible(url) ?? visible(id);
  return shown === undefined ? [] : [{ id: visible(id) ?? null, text: shown, url: visible(url) ?? null }];
}

/** Whether a record is one of a log: those are folded, and held back when there are too many. */
export const isLogRecord = (item: Item): item is OtherItem & { readonly severity: string } =>
  item.kind !== "alert" && item.severity !== undefined;

/** The place of a severity among Cloud Logging's, mildest first; above all of them one that it does not know. */
export function severityRank(severity: string): number {
  const rank = (SEVERITIES as readonly string[]).indexOf(severity.toUpperCase());
  return rank < 0 ? SEVERITIES.length : rank;
}

/**
 * Whether `--min-severity` lets a record through: log records at or above it, and alerts, which are never held back.
 * A severity that Cloud Logging does not know goes through: better one message too many.
 */
export function isSevere(item: Item, least: Severity): boolean {
  if (item.kind === "alert") return true;
  return item.severity !== undefined && severityRank(item.severity) >= severityRank(least);
}
