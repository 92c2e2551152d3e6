import { plainText } from "../core/plain-text.ts";

/** Longest reason of a server that is told, characters. */
const REASON_CHARS_MAX = 120;

/** RFC 6455, section 7.4.1, and IANA's registry of close codes. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [1000, "the source ended the stream"],
  [1001, "the source is going away"],
  [1002, "the source found a fault in the protocol"],
  [1003, "the source does not accept what it was sent"],
  [1005, "the source ended the stream without saying why"],
  [1006, "the connection broke off"],
  [1007, "the source found text that is no UTF-8"],
  [1008, "the source refused us: against its policy"],
  [1009, "a message was too large"],
  [1010, "the source lacks an extension"],
  [1011, "the source met an error of its own"],
  [1012, "the source is restarting"],
  [1013, "the source asks to try again later"],
  [1014, "a gateway had a bad answer from the source"],
  [1015, "the source's certificate was not accepted"],
]);
/** Closed as agreed: the stream is whole up to here. */
const ORDERLY = new Set([1000, 1001, 1005]);

/** Why a WebSocket was closed, for a person. `orderly`: the source ended it as it should. */
export function closeWords(
  code: number,
  reason: string,
): { readonly words: string; readonly orderly: boolean } {
  const known =
    WORDS.get(code) ?? (code >= 4000 ? "the source refused us" : "the source closed the connection");
  const own = plainText(reason, REASON_CHARS_MAX);
  return { words: `${known} (${code}${own === "" ? "" : `: ${own}`})`, orderly: ORDERLY.has(code) };
}
