import { readFileSync } from "node:fs";
import type { Command, Option } from "commander";
import { fileError, reasonOf, systemCode, ToolError } from "./errors.ts";
import { didYouMean } from "./suggest.ts";
import { TOOL_NAMES } from "./toolkit.ts";

/** Read from the working directory when `--config` names no other. */
const CONFIG_FILE = "rsvpulse.config.json";
/** What begins so in a config file is a remark, for JSON has none. */
export const REMARK = "//";
/** Options that no setting but the command line can give. */
const FLAG_ONLY = new Set(["config", "help", "version"]);

/** What a flag is set by in a variable, and in a config file besides true and false. */
const FLAG_WORDS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

type Fields = Readonly<Record<string, unknown>>;

/** What a config file says: all of it, or the object of one tool, as it stands. */
export interface ToolConfig {
  readonly path: string;
  readonly fields: Fields;
}

/**
 * Fills in the options that the command line left open: environment, then config file, then the defaults stay.
 *
 * `--late-file` of `diff` is RSVPULSE_DIFF_LATE_FILE, else RSVPULSE_LATE_FILE, else `lateFile` of the config
 * file's object `diff`, else `lateFile` at its top. Empty and unknown variables are left alone; unknown fields are
 * errors, but for remarks.
 * @param structured fields of the tool's own object that are no options; the tool reads them itself.
 * @throws ToolError (usage) for a bad variable, (configuration) for a bad config file.
 */
export function applySettings(
  command: Command,
  environment: NodeJS.ProcessEnv,
  structured: readonly string[] = [],
): ToolConfig | undefined {
  const tool = command.name();
  const config = readConfig(command);
  if (config !== undefined) checkFields(command, config, structured);
  for (const option of command.options) {
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    if (FLAG_ONLY.has(name) || (source !== undefined && source !== "default")) continue;
    const variable = variablesOf(tool, name).find((candidate) => (environment[candidate] ?? "") !== "");
    if (variable !== undefined)
      setFrom(command, option, environment[variable], { origin: variable, kind: "usage" });
    else if (config !== undefined) setFromConfig(command, option, config);
  }
  return (
    config && { path: config.path, fields: asFields(config.fields[tool] ?? {}, `${config.path}: ${tool}`) }
  );
}

/** Takes empty variables that options name themselves, REDIS_URL first of all, for none; to be called before parsing. */
export function dropEmptyVariables(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const { envVar } of command.options) {
    if (envVar !== undefined && environment[envVar] === "") delete environment[envVar];
  }
}

/** The variables that can hold an option, the more particular first. */
export function variablesOf(tool: string, attribute: string): string[] {
  const upper = (text: string) =>
    text
      .replace(/([A-Z])/g, "_$1")
      .replaceAll("-", "_")
      .toUpperCase();
  return [`RSVPULSE_${upper(tool)}_${upper(attribute)}`, `RSVPULSE_${upper(attribute)}`];
}

function readConfig(command: Command): ToolConfig | undefined {
  const named: unknown = command.getOptionValue("config");
  const path = typeof named === "string" ? named : CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (named === undefined && systemCode(error) === "ENOENT") return undefined;
    throw fileError(path, "read", error);
  }
  try {
    return { path, fields: asFields(JSON.parse(text), path) };
  } catch (error) {
    if (error instanceof ToolError) throw error;
    // Not the cause's words: they quote the text, and with it perhaps a password.
    throw new ToolError("configuration", `${path}: expected JSON, got something else`, { cause: error });
  }
}

/** @throws ToolError (configuration) for anything but an object. */
export function asFields(value: unknown, where: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ToolError("configuration", `${where}: expected a JSON object, got ${shown(value)}`);
}

/** Top-level fields are tools, or options that several tools share; inside a tool's object stand its options. */
function checkFields(command: Command, { path, fields }: ToolConfig, structured: readonly string[]): void {
  const options = command.options
    .map((option) => option.attributeName())
    .filter((name) => !FLAG_ONLY.has(name))
    .concat(structured);
  const known = [...TOOL_NAMES, "redis", "stream", "log"];
  for (const name of Object.keys(fields)) {
    if (!known.includes(name) && !name.startsWith(REMARK)) throw unknownField(path, name, known);
  }
  const own = fields[command.name()];
  if (own === undefined) return;
  for (const name of Object.keys(asFields(own, `${path}: ${command.name()}`))) {
    if (!options.includes(name) && !name.startsWith(REMARK))
      throw unknownField(`${path}: ${command.name()}`, name, options);
  }
}

/** A field of a config file that nobody knows, with the nearest one that is known. */
export function unknownField(where: string, name: string, known: readonly string[]): ToolError {
  return new ToolError(
    "configuration",
    `${where}: unknown field ${JSON.stringify(name)}${didYouMean(name, known)}`,
  );
}

function setFromConfig(command: Command, option: Option, { path, fields }: ToolConfig): void {
  const name = option.attributeName();
  const own = fields[command.name()] as Fields | undefined;
  const value = own?.[name] ?? fields[name];
  if (value === undefined) return;
  const origin = own?.[name] === undefined ? `${path}: ${name}` : `${path}: ${command.name()}.${name}`;
  for (const item of Array.isArray(value) ? value : [value]) {
    setFrom(command, option, typeof item === "number" ? String(item) : item, {
      origin,
      kind: "configuration",
    });
  }
}

function setFrom(
  command: Command,
  option: Option,
  value: unknown,
  { origin, kind }: { origin: string; kind: "usage" | "configuration" },
): void {
  const name = option.attributeName();
  const refuse = (expected: string) =>
    new ToolError(kind, `${origin}: expected ${expected}, got ${shown(value)}`);
  if (option.isBoolean()) {
    const flag = FLAG_WORDS.get(String(value));
    if (flag === undefined) throw refuse("true or false");
    return void command.setOptionValueWithSource(name, flag, "config");
  }
  if (typeof value !== "string") throw refuse("a string");
  if (option.argChoices !== undefined && !option.argChoices.includes(value)) {
    throw refuse(option.argChoices.join(" or "));
  }
  // As on the command line, the first of several values is added to the default.
  const previous: unknown = command.getOptionValue(name);
  try {
    const parsed: unknown = option.parseArg === undefined ? value : option.parseArg(value, previous);
    command.setOptionValueWithSource(name, parsed, "config");
  } catch (error) {
    throw new ToolError(kind, `${origin}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A wrong value for a message; of anything that may hold more than one, and with it a secret, only what it is. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
}
