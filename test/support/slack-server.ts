import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";

/** One reply, as Slack's incoming webhooks give them. https://api.slack.com/messaging/webhooks#handling_errors */
export type Reply =
  | "ok"
  /** Slack's other answers. */
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** The message was taken although the answer says something else. */
      readonly taken?: true;
    }
  /** Reads the request and cuts the connection; the message is not taken. */
  | "cut"
  /** Reads the request and never answers. */
  | "hang";

/** What answers the nth request, from 0, that was sent this. */
export type Script = (index: number, payload: SlackPayload) => Reply;

export interface SlackPayload {
  readonly text?: string;
  readonly blocks?: readonly Record<string, unknown>[];
  readonly attachments?: readonly {
    readonly color?: string;
    readonly blocks?: readonly Record<string, unknown>[];
  }[];
}

export interface Received {
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
  readonly payload: SlackPayload;
  readonly reply: Reply;
}

export interface SlackServer {
  readonly url: string;
  /** Requests that were read whole, in order, whatever was answered. */
  readonly requests: Received[];
  /** Messages that Slack took and would show, in order. */
  readonly taken: () => SlackPayload[];
  /** Replaces the script. */
  answer(script: Script): void;
  /** Cuts the next connections before anything of their requests is read. */
  cutUnread(requests: number): void;
  close(): Promise<void>;
}

/** A server on a socket of its own that speaks Slack's incoming-webhook protocol, its limits included. Closed after the tests. */
export async function slackServer(first: Script = () => "ok", path = SECRET_PATH): Promise<SlackServer> {
  let script = first;
  let count = 0;
  let unread = 0;
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    if (unread > 0) {
      unread--;
      return void request.socket.destroy();
    }
    const index = count++;
    if (request.method !== "POST" || request.url !== path) return answer(response, 404, "no_service");
    const payload = await read(request);
    const scripted = script(index, payload ?? {});
    const reply: Reply = scripted === "ok" ? checked(payload) : scripted;
    requests.push({ at: performance.now(), payload: payload ?? {}, reply });
    if (reply === "ok") answer(response, 200, "ok");
    else if (reply === "cut") request.socket.destroy();
    else if (reply !== "hang") answer(response, reply.status, reply.body ?? "", reply.headers);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  after(close);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    requests,
    taken: () =>
      requests
        .filter(({ reply }) => reply === "ok" || (typeof reply === "object" && reply.taken === true))
        .map(({ payload }) => payload),
    answer(next) {
      script = next;
      count = 0;
    },
    cutUnread(next) {
      unread = next;
    },
    close,
  };
}

/** Looks like a webhook's, and can be searched for in what a tool writes. */
export const SECRET_PATH = "/services/T0SECRET/B0SECRET/abcSECRETxyz";

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
}

async function read(request: IncomingMessage): Promise<SlackPayload | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as SlackPayload;
  } catch {
    return undefined;
  }
}

/** What Slack says to a message. */
export function checked(payload: SlackPayload | undefined): Reply {
  if (payload === undefined || typeof payload !== "object") return { status: 400, body: "invalid_payload" };
  const { text, blocks, attachments = [] } = payload;
  if (attachments.length > 100) return { status: 400, body: "too_many_attachments" };
  if (!attachments.every(isAttachment)) return { status: 400, body: "invalid_attachments" };
  if (blocks === undefined) {
    if (typeof text !== "string" || text.trim() === "") return { status: 400, body: "no_text" };
    return text.length > 40_000 ? { status: 400, body: "msg_too_long" } : "ok";
  }
  if (blocks.length > 50 || blocks.length === 0 || !blocks.every(isBlock))
    return { status: 400, body: "invalid_blocks" };
  const chars = textsOf({ blocks, attachments }).reduce(
    (sum, { length }) => sum + length,
    (text ?? "").length,
  );
  return chars > 13_200 ? { status: 400, body: "msg_blocks_too_long" } : "ok";
}

/** Every text in the blocks. */
export function textsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "text" && typeof inner === "string" ? [inner] : textsOf(inner),
  );
}

function isText(value: unknown, max: number, type?: string): boolean {
  const { type: got, text } = (value ?? {}) as { type?: unknown; text?: unknown };
  if (got !== "mrkdwn" && got !== "plain_text") return false;
  if (type !== undefined && got !== type) return false;
  // A bare < or & would be read as markup: what is left of text after its links must be escaped.
  const bare = got === "mrkdwn" ? String(text).replace(/<(https?:|!date\^)[^<>]*>/g, "") : "";
  return typeof text === "string" && text.length >= 1 && text.length <= max && !/[<>]/.test(bare);
}

function isAttachment({ color, blocks }: NonNullable<SlackPayload["attachments"]>[number]): boolean {
  if (color !== undefined && !/^#[0-9a-f]{6}$/.test(color)) return false;
  return blocks !== undefined && blocks.length > 0 && blocks.length <= 50 && blocks.every(isBlock);
}

function isBlock(block: Record<string, unknown>): boolean {
  const { type, text, fields, elements } = block;
  const list = (value: unknown, max: number, each: number) =>
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= max &&
    value.every((one) => isText(one, each));
  switch (type) {
    case "header":
      return isText(text, 150, "plain_text");
    case "section":
      if (text === undefined && fields === undefined) return false;
      return (text === undefined || isText(text, 3000)) && (fields === undefined || list(fields, 10, 2000));
    case "context":
      return list(elements, 10, 3000);
    default:
      return false;
  }
}
