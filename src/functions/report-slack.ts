import type { Clock } from "../core/clock.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Payload, plain } from "../sinks/slack/blocks.ts";
import { messageOf } from "../sinks/slack/payload.ts";
import { NetworkError, type Poster, webhookPoster } from "../sinks/slack/post.ts";
import { type Verdict, verdictOf } from "../sinks/slack/verdict.ts";
import { parseWebhook } from "../sinks/slack/webhook.ts";
import { decodeEntry } from "./log-entry.ts";

/** Longest that a post may take, ms: well within a function's own limit of 60 s. */
const POST_MS_MAX = 10_000;

export interface ReportSlackOptions {
  /** The value of SLACK_WEBHOOK_URL. */
  readonly webhook: () => string | undefined;
  /** The name of this service: what it says itself it does not post, or a failing post would be the next one. */
  readonly service: () => string | undefined;
  readonly log: Log;
  readonly clock: Pick<Clock, "now">;
}

/**
 * A log entry that a sink sent by Pub/Sub, as one message to Slack.
 *
 * It returns where nothing is gained by a second try: posted; no entry; refused in every form; the webhook is gone or
 * none is set, which is logged with the remedy. @throws ToolError (unavailable) where Slack is to be asked again, so
 * that Pub/Sub sends the entry once more.
 */
export function reportSlack({
  webhook,
  service,
  log,
  clock,
}: ReportSlackOptions): (event: { data?: unknown }) => Promise<void> {
  async function deliver(poster: Poster, payload: Payload): Promise<void> {
    const verdict = await tryPost(poster, payload);
    const last = verdict.kind === "refused" ? await tryPost(poster, plain(payload)) : verdict;
    switch (last.kind) {
      case "delivered":
        return;
      case "retry":
        throw new ToolError(
          "unavailable",
          `Slack took no post: ${last.reason}; Pub/Sub sends the entry again`,
        );
      case "refused":
        return log.error(`Slack takes an entry in no form (${last.reason}): ${payload.text.slice(0, 500)}`);
      case "stop":
        return log.error(
          `Slack refuses the webhook (${last.reason}): ${last.remedy}, the secret SLACK_WEBHOOK_URL`,
        );
    }
  }

  async function tryPost(poster: Poster, payload: Payload): Promise<Verdict> {
    try {
      return verdictOf(await poster.post(payload), clock.now());
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return { kind: "retry", reason: reasonOf(error), wait: 0 };
    }
  }

  return async ({ data }) => {
    const entry = decodeEntry(data);
    if (typeof entry === "string") return log.error(`an entry cannot be read: ${entry}`);
    if (entry.service !== undefined && entry.service === service()) return;
    const url = urlOf(webhook(), log);
    if (url === undefined) return;
    const poster = await webhookPoster(url, POST_MS_MAX);
    try {
      await deliver(poster, messageOf(entry.item));
    } finally {
      await poster.close();
    }
  };
}

function urlOf(webhook: string | undefined, log: Log): URL | undefined {
  if (webhook === undefined) {
    log.error("no Slack webhook is set: give the function the secret SLACK_WEBHOOK_URL");
    return undefined;
  }
  try {
    return parseWebhook(webhook, "SLACK_WEBHOOK_URL").url;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    log.error(error.message);
    return undefined;
  }
}
