/** A JSON object's members by name. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that a text holds, or why it holds none, in the words of a report. */
export function parseObject(text: string): JsonObject | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "expected a JSON object, got something else";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "expected a JSON object, got another JSON value";
  }
  return value as JsonObject;
}
