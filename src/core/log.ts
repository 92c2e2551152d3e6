import { type Facts, ToolError } from "./errors.ts";

/** Cloud Logging's severities, mildest first. https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry */
export const SEVERITIES = [
  "DEBUG",
  "INFO",
  "NOTICE",
  "WARNING",
  "ERROR",
  "CRITICAL",
  "ALERT",
  "EMERGENCY",
] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A severity in whichever case. @throws ToolError (usage). */
export function parseSeverity(text: string): Severity {
  const known = SEVERITIES.find((severity) => severity === text.toUpperCase());
  if (known !== undefined) return known;
  throw new ToolError("usage", `expected one of ${SEVERITIES.join(", ")}, got ${JSON.stringify(text)}`);
}

/** Where a tool tells people what it does: standard error. */
export interface Log {
  write(severity: Severity, message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  notice(message: string, facts?: Facts): void;
  warning(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

export type LogFormat = "text" | "json";

/** A Log whose every method ends in `write`. */
export function logOf(write: Log["write"]): Log {
  return {
    write,
    info: (message, facts) => write("INFO", message, facts),
    notice: (message, facts) => write("NOTICE", message, facts),
    warning: (message, facts) => write("WARNING", message, facts),
    error: (message, facts) => write("ERROR", message, facts),
  };
}

const COLOURS: Partial<Record<Severity, string>> = {
  NOTICE: "\u001b[36m",
  WARNING: "\u001b[33m",
  ERROR: "\u001b[31m",
  CRITICAL: "\u001b[31m",
};

/** `tool: message`, coloured by severity: for a person at a terminal. The facts are in the message's words. */
export function textLog(tool: string, options: { print: (text: string) => void; colour: boolean }): Log {
  return logOf((severity, message) => {
    const colour = options.colour ? COLOURS[severity] : undefined;
    options.print(colour === undefined ? `${tool}: ${message}\n` : `${tool}: ${colour}${message}\u001b[0m\n`);
  });
}
