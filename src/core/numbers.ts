import { ToolError } from "./errors.ts";

/** A whole number of at least 1, such as `1000`. @throws ToolError (usage). */
export function parseWholeNumber(text: string): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= 1 && Number.isSafeInteger(value)) return value;
  throw new ToolError("usage", `expected a whole number, 1 or more, got ${JSON.stringify(text)}`);
}

/** A share of a whole, such as `5%` or `0.05`, above 0 and at most 1. @throws ToolError (usage). */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim());
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (value > 0 && value <= 1) return value;
  const hint = value > 1 && match?.[2] === "" ? ` (${match[1]}%?)` : "";
  throw new ToolError("usage", `expected a share such as 5% or 0.05, got ${JSON.stringify(text)}${hint}`);
}
