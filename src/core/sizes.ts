import { ToolError } from "./errors.ts";

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/**
 * A size such as `64MiB`, `1.5GB` or `100B`, in whole bytes.
 * @throws ToolError (usage) for a bare number, and for less than a byte.
 */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?i?B)$/i.exec(text.trim());
  const size = match === null ? undefined : Number(match[1]) * BYTES_PER_UNIT[match[2]!.toUpperCase()]!;
  if (size !== undefined && size >= 1) return Math.floor(size);
  throw new ToolError("usage", `expected a size with a unit, as 64MiB, got ${JSON.stringify(text)}`);
}
