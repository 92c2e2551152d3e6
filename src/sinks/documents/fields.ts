import type { JsonObject } from "../../core/json-object.ts";

/** Deepest nesting that documents have; what lies deeper is kept whole, as a list is. */
const DEPTH_MAX = 18;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields without objects that have none: they say nothing, and would empty what stands in their place. */
export function withoutEmpty(fields: JsonObject, depth = 0): JsonObject {
  const kept: [string, unknown][] = [];
  for (const [name, value] of Object.entries(fields)) {
    const inner = isObject(value) && depth < DEPTH_MAX ? withoutEmpty(value, depth + 1) : value;
    if (!isObject(inner) || Object.keys(inner).length > 0) kept.push([name, inner]);
  }
  return Object.fromEntries(kept);
}

/** `old` with `fresh` merged into it: objects field by field, everything else whole. */
export function merged(old: JsonObject, fresh: JsonObject, depth = 0): JsonObject {
  // A map, for a name may be `__proto__`.
  const fields = new Map(Object.entries(old));
  for (const [name, value] of Object.entries(fresh)) {
    const before = fields.get(name);
    fields.set(
      name,
      isObject(before) && isObject(value) && depth < DEPTH_MAX ? merged(before, value, depth + 1) : value,
    );
  }
  return Object.fromEntries(fields);
}
