import { ToolError } from "../core/errors.ts";
import type { MessagePaths } from "../records/message.ts";
import type { TimePath } from "../records/time-path.ts";
import type { Protocol, Resume, Source } from "./catalogue.ts";

/** What a command line says about a source. */
export interface SourceChoice {
  /** The catalogue's, from which all is taken that is not said otherwise. */
  readonly source: Source;
  readonly url?: string | undefined;
  readonly protocol?: Protocol | undefined;
  readonly time?: TimePath | undefined;
  readonly key?: string | undefined;
  readonly id?: string | undefined;
}

/** The catalogue's source with what the command line says otherwise. @throws ToolError (usage). */
export function chosenSource({ source, url, time, key, id, ...choice }: SourceChoice): Source {
  if (url === undefined && choice.protocol !== undefined && choice.protocol !== source.protocol) {
    throw new ToolError("usage", "--protocol: expected --url beside it, got none");
  }
  if (url !== undefined && !(/^(https?|wss?):\/\//.test(url) && URL.canParse(url))) {
    // The address is not repeated: a secret may be in it.
    throw new ToolError(
      "usage",
      "--url: expected an address such as http://127.0.0.1:8181/2/rsvps, got another",
    );
  }
  const protocol = url === undefined ? source.protocol : protocolOf(url, choice.protocol, source);
  const own: Partial<MessagePaths> = {
    ...(time && { time }),
    ...(key && { key, upperCaseKey: false }),
    ...(id && { id }),
  };
  const { drop, asksContact, ...rest } = source;
  const isItsHost = url === undefined || new URL(url).hostname === new URL(source.url).hostname;
  return {
    ...rest,
    protocol,
    // Paths of the catalogue say nothing about a stream whose time stands elsewhere.
    paths: time === undefined ? { ...source.paths, ...own } : { time, ...own },
    ...(asksContact !== undefined && isItsHost && { asksContact }),
    ...(drop !== undefined && time === undefined && { drop }),
    resume: resumeOf(protocol, time === undefined ? source.resume : "none"),
    ...(url !== undefined && { url }),
  };
}

function protocolOf(url: string, said: Protocol | undefined, source: Source): Protocol {
  const isSocket = /^wss?:/.test(url);
  if (isSocket && said !== undefined && said !== "ws") {
    throw new ToolError("usage", `--protocol: expected ws for an address of WebSocket, got ${said}`);
  }
  return isSocket ? "ws" : (said ?? source.protocol);
}

/** The ids of Server-Sent Events are for resuming, whatever the stream; nothing else has them. */
function resumeOf(protocol: Protocol, resume: Resume): Resume {
  if (protocol === "sse") return "last-event-id";
  return resume === "last-event-id" ? "none" : resume;
}
