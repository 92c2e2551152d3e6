import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readIfThere } from "../../core/durable.ts";
import { reasonOf, ToolError } from "../../core/errors.ts";
import { isLoopback } from "../../core/loopback.ts";

/** Read from the working directory when nothing else names the webhook. */
const CONFIG_FILE = "CONFIG_SLACK.json";
const HOW_TO =
  'set SLACK_WEBHOOK_URL, or write {"url": "https://hooks.slack.com/services/…"} into CONFIG_SLACK.json (see CONFIG_SLACK.example.json)';

/** An incoming webhook. Its address is a secret: whoever has it can post. */
export interface Webhook {
  readonly url: URL;
  /** Tells webhooks apart without telling the address: the first 16 hex digits of its SHA-256. */
  readonly hash: string;
}

export interface WebhookSources {
  /** The value of SLACK_WEBHOOK_URL. */
  readonly variable: string | undefined;
  /** A config file that was asked for by name; it comes before the variable. */
  readonly file: string | undefined;
}

/** Somebody says where a webhook is: whether it can be used, `readWebhook` tells. */
export const isWebhookSet = ({ variable, file }: WebhookSources): boolean =>
  file !== undefined || variable !== undefined || existsSync(CONFIG_FILE);

/**
 * The webhook, from the file that was named, else the environment, else CONFIG_SLACK.json.
 * @throws ToolError (configuration) when there is none or it cannot be used; the message never holds the address.
 */
export function readWebhook({ variable, file }: WebhookSources): Webhook {
  if (file === undefined && variable !== undefined) return parseWebhook(variable, "SLACK_WEBHOOK_URL");
  const path = file ?? CONFIG_FILE;
  const text = readConfig(path);
  if (text === undefined) {
    const missing = file === undefined ? "no Slack webhook is set" : `${path}: no such file`;
    throw new ToolError("configuration", `${missing}; ${HOW_TO}`);
  }
  return parseWebhook(urlOf(text, path), path);
}

function readConfig(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    if (error instanceof ToolError && error.kind === "permission") throw error;
    throw new ToolError("configuration", reasonOf(error), { cause: error });
  }
}

function urlOf(text: string, path: string): string {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    // The parser's own words quote the text, and with it perhaps the address.
    throw new ToolError("configuration", `${path}: expected JSON; ${HOW_TO}`);
  }
  const url = typeof config === "object" && config !== null && "url" in config ? config.url : undefined;
  if (typeof url !== "string" || url === "") {
    throw new ToolError("configuration", `${path}: expected an object with a string "url"; ${HOW_TO}`);
  }
  return url;
}

/** Checks an address. @param where what the message names in its place. */
export function parseWebhook(text: string, where: string): Webhook {
  const refuse = (reason: string) => new ToolError("configuration", `${where}: ${reason}; ${HOW_TO}`);
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw refuse("expected the address of a Slack webhook, got something that is no address");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw refuse("expected an address that begins with https://");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refuse("expected https (plain http is for this machine only: whoever reads the address can post)");
  }
  if (url.username !== "" || url.password !== "") {
    throw refuse("expected an address without a user name and a password");
  }
  if (/\/T0+\/B0+\/X+$/.test(url.pathname)) {
    throw refuse("expected your own webhook, got the example's");
  }
  url.hash = "";
  return { url, hash: createHash("sha256").update(url.href).digest("hex").slice(0, 16) };
}
