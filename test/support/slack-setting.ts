import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, type RunningTool, runShell, startTool } from "./run-tool.ts";
import { type Script, type SlackPayload, type SlackServer, slackServer } from "./slack-server.ts";

export interface Setting {
  readonly server: SlackServer;
  /** Its state folder. */
  readonly state: string;
  start(args?: readonly string[], input?: string): RunningTool;
  run(args?: readonly string[], input?: string): Promise<Outcome>;
  /** Runs it where no file may grow over 4 KiB. */
  runLimited(input: string): Promise<Outcome>;
  /** The one outbox in the state folder. */
  outbox(): string;
  spool(): string;
}

/** Makes settings in a folder: a Slack, a state folder, and a slack-push that knows both. */
export const slackSetting =
  (folder: string) =>
  async (script?: Script): Promise<Setting> => {
    const server = await slackServer(script);
    const state = mkdtempSync(join(folder, "state-"));
    const env = { SLACK_WEBHOOK_URL: server.url, XDG_STATE_HOME: state };
    const outbox = () =>
      join(state, "rsvpulse", "outbox", readdirSync(join(state, "rsvpulse", "outbox"))[0]!);
    const start = (args: readonly string[] = [], input?: string) =>
      startTool(
        "slack-push",
        ["--interval", "10ms", ...args],
        input === undefined ? { env } : { env, input },
      );
    return {
      server,
      state,
      start,
      run: async (args = [], input = "") => {
        const outcome = await start(args, input).ended;
        for (const secret of ["SECRET", "/services/"]) assert.ok(!outcome.err.includes(secret), outcome.err);
        return outcome;
      },
      runLimited: (input) =>
        runShell("trap '' XFSZ; ulimit -f 4; bin/slack-push --interval 10ms", { env, input }),
      outbox,
      spool: () => readFileSync(join(outbox(), "spool.ndjson"), "utf8"),
    };
  };

/** A line of input: an alert that tells its number. */
export const record = (number: number, more = "") =>
  `{"t":${number},"alert":"rate","state":"firing","id":"a-${number}","text":"record ${number} of many${more}"}\n`;
export const records = (from: number, to: number, more = "") =>
  range(from, to)
    .map((number) => record(number, more))
    .join("");
/** The numbers of the records that messages show, in order. */
export const numbersIn = (payloads: readonly SlackPayload[]) =>
  payloads.flatMap(({ text }) =>
    [...(text ?? "").matchAll(/record (\d+) of/g)].map((match) => Number(match[1])),
  );
export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
