import { Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import type { MessagePaths } from "./message.ts";
import { parseTimePath, type TimePath } from "./time-path.ts";

/** `--time`, `--key` and `--id` as a tool has them that reads raw messages too. */
export interface MessageOptions {
  readonly time?: TimePath | undefined;
  readonly key?: string | undefined;
  readonly id?: string | undefined;
}

/** `--time`: with it, every line is a raw message. */
export const timeOption = () =>
  new Option(
    "--time <path[:unit]>",
    "read raw messages whose time is at PATH, in ms, s, us or iso",
  ).argParser(parseTimePath);

/** `--key`, with `--time`. */
export const keyOption = () =>
  new Option("--key <path>", "with --time: where a raw message has its category");

/** `--id`, with `--time`. */
export const idOption = () => new Option("--id <path>", "with --time: where a raw message has its id");

/** Where to look in raw messages; undefined when the lines are records. @throws ToolError (usage) for a path without --time. */
export function messagePaths({ time, key, id }: MessageOptions): MessagePaths | undefined {
  if (time !== undefined) return { time, key, id };
  const lone = key === undefined ? (id === undefined ? undefined : "--id") : "--key";
  if (lone === undefined) return undefined;
  throw new ToolError("usage", `${lone} says where raw messages have something; give --time PATH too`);
}
