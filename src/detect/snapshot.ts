import { ToolError } from "../core/errors.ts";

type Fields = Readonly<Record<string, unknown>>;

function damaged(what: string, value: unknown): ToolError {
  const got = JSON.stringify(value) ?? "nothing";
  const shown = got.length > 40 ? `${got.slice(0, 40)}…` : got;
  return new ToolError("badInput", `expected ${what}, got ${shown}`);
}

/** An object's fields. @throws ToolError (badInput), as all of these do. */
export function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw damaged(`an object in ${name}`, value);
}

export function numberOf(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw damaged(`a number in ${name}`, value);
}

export const numberOrNull = (fields: Fields, name: string): number | null =>
  fields[name] === null ? null : numberOf(fields, name);

export function booleanOf(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value === "boolean") return value;
  throw damaged(`true or false in ${name}`, value);
}

export function stringOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw damaged(`a string in ${name}`, value);
}

export function arrayOf<T>(fields: Fields, name: string, isItem: (item: unknown) => item is T): T[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every(isItem)) return [...value];
  throw damaged(`a list in ${name}`, value);
}

export const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);
export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
export const isString = (value: unknown): value is string => typeof value === "string";

/** How something ended; undefined where it has not. */
export const endingOf = (value: unknown): "returned" | "new-normal" | undefined =>
  value === "returned" || value === "new-normal" ? value : undefined;
