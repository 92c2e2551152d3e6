import { reasonOf, ToolError } from "../core/errors.ts";
import { asFields, REMARK, shown, unknownField } from "../core/settings.ts";

/** An object of a config file, read field by field; errors say where, and name the nearest known field. */
export interface FieldReader {
  /** How it is told: `rsvpulse.config.json: collect.archive`. */
  readonly where: string;
  has(name: string): boolean;
  /** A string as `parse` takes it; undefined where there is none. */
  string<T>(name: string, parse: (text: string) => T): T | undefined;
  /** A string, or a list of them, as `parse` takes one after the other; undefined where there is none. */
  strings<T>(name: string, parse: (text: string, before: T | undefined) => T): T | undefined;
  flag(name: string): boolean | undefined;
}

/**
 * @param known all fields that it may have, besides remarks (`"//…"`).
 * @throws ToolError (configuration) for anything but an object, and for a field that is not known.
 */
export function fieldReader(value: unknown, where: string, known: readonly string[]): FieldReader {
  const fields = asFields(value, where);
  for (const name of Object.keys(fields)) {
    if (!known.includes(name) && !name.startsWith(REMARK)) throw unknownField(where, name, known);
  }
  const refuse = (name: string, expected: string) =>
    new ToolError("configuration", `${where}.${name}: expected ${expected}, got ${shown(fields[name])}`);
  function parsed<T>(name: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw new ToolError("configuration", `${where}.${name}: ${reasonOf(error)}`, { cause: error });
    }
  }
  return {
    where,
    has: (name) => fields[name] !== undefined,
    string(name, parse) {
      const text = fields[name];
      if (text === undefined) return undefined;
      if (typeof text !== "string") throw refuse(name, "a string");
      return parsed(name, () => parse(text));
    },
    strings<T>(name: string, parse: (text: string, before: T | undefined) => T) {
      const value = fields[name];
      if (value === undefined) return undefined;
      const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
      let result: T | undefined;
      for (const text of texts) {
        if (typeof text !== "string") throw refuse(name, "a string, or a list of strings");
        result = parsed(name, () => parse(text, result));
      }
      return result;
    },
    flag(name) {
      const value = fields[name];
      if (value !== undefined && typeof value !== "boolean") throw refuse(name, "true or false");
      return value;
    },
  };
}
