import { Command, CommanderError, Option } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import { EXIT, type ExitCode, reasonOf, ToolError } from "./errors.ts";
import { type Log, type LogFormat, textLog } from "./log.ts";
import { print } from "./output.ts";
import { applySettings, dropEmptyVariables, type ToolConfig } from "./settings.ts";
import { listenForSignals, type Role, type Stop } from "./signals.ts";
import type { Tally } from "./tally.ts";
import { summaryOf } from "./toolkit.ts";
import { VERSION } from "./version.ts";

export { Option };

/** What a running tool is given besides its options. */
export interface Context {
  readonly tool: string;
  readonly log: Log;
  readonly stop: Stop;
  /** A person is reading standard error. */
  readonly interactive: boolean;
  /** The words beside the options, as the tool declares them. */
  readonly words: readonly string[];
  /** The tool's object in the config file; undefined without a file. */
  readonly config: ToolConfig | undefined;
  /** An option (`--keys`) stands on the command line; no setting gave it. */
  given(flag: string): boolean;
  /** Registers the counts that the last line on standard error tells, whatever happens before. */
  conclude(tally: Tally): void;
}

/** The command every tool's declaration starts from. */
export type BaseCommand = ReturnType<typeof baseCommand>;

export interface ToolDefinition<Options> {
  readonly name: string;
  /** How it takes signals; a function where that depends on the options. */
  readonly role: Role | ((options: Options) => Role);
  /** Fields of its object in a config file that are no options: it reads them itself, from `Context.config`. */
  readonly structured?: readonly string[];
  /** Adds the tool's options, arguments and help texts. */
  declare(base: BaseCommand): { opts(): Options };
  /** Does the work. Throws ToolError for what the user can mend. */
  run(options: Options, context: Context): Promise<void>;
}

function baseCommand(name: string) {
  return new Command(name)
    .description(summaryOf(name))
    .version(VERSION, "-V, --version", "tell the version")
    .helpOption("-h, --help", "tell this");
}

/** What every tool takes; stands last in its help. */
function addCommonOptions(command: PlainCommand): void {
  command
    .optionsGroup("Common options:")
    .addOption(new Option("--log <format>", "stderr as text or as log records").choices(["text", "json"]))
    .option("--config <file>", "read settings from FILE (default: rsvpulse.config.json, where there is one)");
}

/**
 * Turns a declaration into the function a launcher calls: parse, fill in settings, run, report, set the exit code.
 * It never throws.
 */
export function defineTool<Options>(definition: ToolDefinition<Options>): () => Promise<void> {
  return async () => {
    // Standard error's reader may go away; nothing is left to tell it.
    process.stderr.on("error", () => {});
    try {
      const command = definition.declare(baseCommand(definition.name));
      const plain = command as unknown as PlainCommand;
      addCommonOptions(plain);
      prepare(plain);
      dropEmptyVariables(plain, process.env);
      plain.parse();
      refuseWords(plain);
      const config = applySettings(plain, process.env, definition.structured);
      const options = command.opts();
      const interactive = process.stderr.isTTY === true;
      const log = await printer(definition.name, plain.getOptionValue("log") as LogFormat | undefined);
      const given = (flag: string) =>
        plain.options.some(
          (option) => option.long === flag && plain.getOptionValueSource(option.attributeName()) === "cli",
        );
      await runGuarded(definition, options, { log, interactive, given, config, words: plain.args });
    } catch (error) {
      if (error instanceof CommanderError && error.exitCode === 0) return; // --help, --version
      report(await printer(definition.name, chosenFormat(process.argv)), error);
    }
  };
}

/** Tells an error as a tool would that has no options of its own, and sets the exit code. */
export async function reportFailure(tool: string, error: ToolError): Promise<void> {
  report(await printer(tool, chosenFormat(process.argv)), error);
}

async function runGuarded<Options>(
  definition: ToolDefinition<Options>,
  options: Options,
  { log, ...at }: Pick<Context, "log" | "interactive" | "given" | "config" | "words">,
): Promise<void> {
  const stop = listenForSignals(
    typeof definition.role === "function" ? definition.role(options) : definition.role,
  );
  let tally: Tally | undefined;
  const conclude = (counts: Tally) => {
    tally = counts;
  };
  // What is thrown outside the run (by a timer, a socket) is a defect too: told, and the tool drains as at SIGTERM.
  let defect: unknown;
  const onDefect = (error: unknown) => {
    defect ??= error;
    process.kill(process.pid, "SIGTERM");
  };
  process.on("uncaughtException", onDefect);
  try {
    await definition.run(options, { tool: definition.name, log, stop, ...at, conclude });
    if (defect !== undefined) throw defect;
    process.exitCode = stop.exitCode() ?? EXIT.done;
  } catch (error) {
    report(log, error);
  } finally {
    stop.dispose();
    process.off("uncaughtException", onDefect);
    if (tally !== undefined) log.info(tally.toString(), tally.facts());
  }
}

/** Errors are thrown and named by option, help is our own; parsers of values say what they expected. */
function prepare(command: PlainCommand): void {
  command
    .exitOverride()
    .allowExcessArguments()
    .configureOutput({
      writeOut: print,
      writeErr: () => {},
      outputError: () => {},
      // Looked at for a help only: looking makes a pipe not block, for every program that writes to it.
      getOutHelpWidth: () => Math.min(process.stdout.columns ?? 100, 110),
    });
  command.configureHelp({ sortOptions: false });

  for (const option of command.options) {
    const parse = option.parseArg;
    if (parse === undefined) continue;
    option.parseArg = <T>(value: string, previous: T) => {
      try {
        return parse(value, previous) as T;
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        throw new ToolError(error.kind, `${option.long}: ${error.message}`, { cause: error });
      }
    };
  }
}

/** commander would say only how many words there were. @throws ToolError (usage) */
function refuseWords(command: PlainCommand): void {
  const expected = command.registeredArguments.length;
  const word = command.args[expected];
  if (word === undefined) return;
  const what =
    expected === 0 ? "options only" : `${expected} word${expected === 1 ? "" : "s"} beside the options`;
  throw new ToolError("usage", `expected ${what}, got ${JSON.stringify(word)}; --help lists the options`);
}

function report(log: Log, error: unknown): void {
  if (error instanceof ToolError) {
    log.error(error.message, error.facts);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) {
    log.error(usageMessage(error));
    process.exitCode = EXIT.usage;
  } else {
    const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    log.error(`defect: ${reasonOf(error)}; please report it with this stack: ${stack}`);
    process.exitCode = EXIT.defect as ExitCode;
  }
}

/** commander's words on one line: `unknown option '--latenes' (did you mean --lateness?); --help lists them`. */
function usageMessage(error: CommanderError): string {
  const text = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  const lower = text.replace("(Did you mean", "(did you mean");
  return lower.includes("unknown option") ? `${lower}; --help lists the options` : lower;
}

/** What `--log` will say, before the command line is parsed: errors in it must be told too. */
function chosenFormat(argv: readonly string[]): LogFormat | undefined {
  const at = argv.findIndex((word) => word === "--log" || word.startsWith("--log="));
  const word = at < 0 ? process.env["RSVPULSE_LOG"] : (argv[at]?.split("=")[1] ?? argv[at + 1]);
  return word === "text" || word === "json" ? word : undefined;
}

/** Empties the line that the cursor is in. ECMA-48, EL. */
const CLEAR_LINE = "\r\u001b[K";

/** Text at a terminal, log records elsewhere, unless told. pino is loaded only where it is used. */
async function printer(tool: string, format: LogFormat | undefined): Promise<Log> {
  const terminal = process.stderr.isTTY === true;
  if ((format ?? (terminal ? "text" : "json")) === "json")
    return (await import("./log-json.ts")).jsonLog(tool);
  const colour = terminal && (process.env["NO_COLOR"] ?? "") === "";
  // A status line may stand there, of this program or of another one of the pipe.
  const line = terminal ? CLEAR_LINE : "";
  return textLog(tool, { print: (text) => process.stderr.write(`${line}${text}`), colour });
}
