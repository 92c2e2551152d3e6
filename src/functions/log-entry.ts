import { type JsonObject, parseObject } from "../core/json-object.ts";
import { logItem, type OtherItem, visible } from "../sinks/slack/item.ts";

/** What stands in a payload besides its facts. */
const SAID: ReadonlySet<string> = new Set(["message", "msg", "severity", "time", "timestamp", "tool"]);
/** Labels of a resource that name who said it, the most telling first. */
const NAMES = ["service_name", "function_name", "job_name", "job_id", "instance_id", "container_name"];

/** What report_slack needs to know of a message of Pub/Sub. */
export interface ReportedEntry {
  /** The entry as a log record; what else its payload holds, and the labels of its resource, are facts under any name. */
  readonly item: OtherItem;
  /** The Cloud Run service or function that said it. */
  readonly service: string | undefined;
}

/**
 * The log entry in a Pub/Sub message that a log sink sent, or why there is none.
 *
 * Source: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
 */
export function decodeEntry(data: unknown): ReportedEntry | string {
  const { message } = objectOf(data);
  const encoded = objectOf(message)["data"];
  if (typeof encoded !== "string" || encoded === "") return "expected a Pub/Sub message with data";
  const entry = parseObject(Buffer.from(encoded, "base64").toString("utf8"));
  if (typeof entry === "string") return `${entry} in the data`;
  const labels = objectOf(objectOf(entry["resource"])["labels"]);
  const payload = objectOf(entry["jsonPayload"]);
  const said = saidBy(entry, payload);
  if (said === undefined)
    return "expected a log entry with textPayload, jsonPayload, protoPayload or httpRequest";
  return {
    service: visible(labels["service_name"]) ?? visible(labels["function_name"]),
    item: itemOf({ entry, payload, labels, said }),
  };
}

interface Parts {
  readonly entry: JsonObject;
  readonly payload: JsonObject;
  readonly labels: JsonObject;
  readonly said: string;
}

function itemOf({ entry, payload, labels, said }: Parts): OtherItem {
  const name = NAMES.map((label) => visible(labels[label])).find((text) => text !== undefined);
  const facts = Object.entries(payload).filter(([field, value]) => !SAID.has(field) && value !== said);
  return logItem({
    time: visible(entry["timestamp"]) ?? visible(entry["receiveTimestamp"]),
    // An entry that names none has DEFAULT, which a sink may let through like any other.
    severity: visible(entry["severity"]) ?? visible(payload["severity"]) ?? "DEFAULT",
    tool: visible(payload["tool"]) ?? name ?? visible(objectOf(entry["resource"])["type"]),
    text: said,
    facts: [...facts, ...Object.entries(labels)],
  });
}

/** The entry's words; of a payload without any, its JSON. */
function saidBy(entry: JsonObject, payload: JsonObject): string | undefined {
  const proto = objectOf(entry["protoPayload"]);
  const words = [
    entry["textPayload"],
    payload["message"],
    payload["msg"],
    objectOf(proto["status"])["message"],
    proto["methodName"],
  ];
  const found = words.map(visible).find((text) => text !== undefined) ?? requestIn(entry);
  if (found !== undefined) return found;
  const whole = [payload, proto].find((object) => Object.keys(object).length > 0);
  return whole === undefined ? undefined : JSON.stringify(whole);
}

/** A request that was logged for its status alone; without its query, in which a secret may stand. */
function requestIn(entry: JsonObject): string | undefined {
  const { requestMethod, requestUrl, status } = objectOf(entry["httpRequest"]);
  const url = visible(requestUrl);
  return url === undefined
    ? undefined
    : `${visible(requestMethod) ?? ""} ${url.split("?")[0]} answers ${status}`.trim();
}

const objectOf = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
