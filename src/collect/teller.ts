import type { Clock } from "../core/clock.ts";
import { type Log, logOf, SEVERITIES, type Severity } from "../core/log.ts";
import type { SlackOutbox } from "./slack-outbox.ts";

/** What went wrong since it was last asked. */
export interface Troubles {
  readonly warnings: number;
  readonly errors: number;
  /** The last error, else the last warning; undefined where there was neither. */
  readonly last: string | undefined;
}

export interface TellerOptions {
  readonly tool: string;
  readonly log: Log;
  /** undefined: nobody but the log is told. */
  readonly slack: SlackOutbox | undefined;
  /** Slack is told of these and graver ones. */
  readonly minSeverity: Severity;
  readonly clock: Pick<Clock, "now">;
}

/** A log that Slack hears of too, and that remembers what went wrong. */
export interface Teller {
  readonly log: Log;
  /** Counts from now on. */
  troubles(): Troubles;
  /** What ends the process, to Slack alone: the last line on standard error tells it anyway. */
  ended(message: string): void;
  /** A text for people, to Slack; where there is none, a log record. */
  say(text: string): void;
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

export function teller({ tool, log, slack, minSeverity, clock }: TellerOptions): Teller {
  let [warnings, errors] = [0, 0];
  let last: { readonly severity: Severity; readonly message: string } | undefined;

  function remember(severity: Severity, message: string): void {
    if (rank(severity) < rank("WARNING")) return;
    if (severity === "WARNING") warnings++;
    else errors++;
    if (last === undefined || severity !== "WARNING" || last.severity === "WARNING")
      last = { severity, message };
  }

  const toSlack = (severity: Severity, message: string, facts: object) => {
    if (rank(severity) < rank(minSeverity)) return;
    slack?.tell({ time: new Date(clock.now()).toISOString(), severity, tool, message, ...facts });
  };

  return {
    log: logOf((severity, message, facts = {}) => {
      log.write(severity, message, facts);
      remember(severity, message);
      toSlack(severity, message, facts);
    }),
    ended: (message) => toSlack("ERROR", message, {}),
    troubles() {
      const told = { warnings, errors, last: last?.message };
      [warnings, errors] = [0, 0];
      last = undefined;
      return told;
    },
    say(text) {
      log.notice(text);
      slack?.tell({ text });
    },
  };
}
