import { type ClientRequest, get, type IncomingHttpHeaders } from "node:http";

/** A Server-Sent Event. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** Who listens to /events. */
export interface EventListener {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All that came so far, as it came. */
  text(): string;
  events(name?: string): ServerSentEvent[];
  /** The id of the last event that had one. */
  lastId(): string | undefined;
  /** Reads no more for now; the connection stays. */
  pause(): void;
  resume(): void;
  close(): void;
  /** Resolves when the connection is over. */
  readonly over: Promise<void>;
}

export interface ListenOptions {
  readonly lastId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens `/events`; resolves when its head has come, whatever it says. */
export function listenTo(url: string, { lastId, headers = {} }: ListenOptions = {}): Promise<EventListener> {
  return new Promise((resolve, reject) => {
    const resume = lastId === undefined ? {} : { "last-event-id": lastId };
    const request: ClientRequest = get(
      url,
      { agent: false, headers: { ...headers, ...resume } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", () => {});
        const events = (name?: string) =>
          text
            .split("\n\n")
            .slice(0, -1)
            .filter((block) => block.includes("data: "))
            .map(eventOf)
            .filter((event) => name === undefined || event.name === name);
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text: () => text,
          events,
          lastId: () => events().findLast(({ id }) => id !== undefined)?.id,
          pause: () => void response.pause(),
          resume: () => void response.resume(),
          close: () => void request.destroy(),
          over: new Promise((settle) => response.on("close", settle)),
        });
      },
    );
    request.on("error", reject);
  });
}

/** @throws Error for a block that is no event with one line of JSON. */
function eventOf(block: string): ServerSentEvent {
  const [, id, name, data] = /^(?:id: ([^\n]*)\n)?event: ([^\n]*)\ndata: ([^\n]*)$/.exec(block) ?? [];
  if (name === undefined || data === undefined) throw new Error(`no event: ${JSON.stringify(block)}`);
  return { id, name, data: JSON.parse(data) };
}
