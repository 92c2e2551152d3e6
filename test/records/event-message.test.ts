import assert from "node:assert/strict";
import { test } from "node:test";
import { eventMessages } from "../../src/records/event-message.ts";

const messageIn = eventMessages();
const message = (line: string | Buffer) => messageIn(Buffer.from(line))?.toString();
const EXACT = '{ "n": 12345678901234567890, "\\u0061": 1.0, "u": "http:\\/\\/x" }';

for (const [how, line] of [
  ["as the toolkit writes it", `{"t":1,"at":1,"stream":"s","key":null,"id":null,"event":${EXACT}}`],
  ["with spaces and another order", `{ "event" : ${EXACT} , "t" : 1 }`],
  ["with escapes in a name beside it", `{"t":1,"odd\\u0020name":2,"event":${EXACT}}`],
  ["with escapes in its own name", `{"t":1,"\\u0065vent":${EXACT}}`],
  ["that comes twice, the last as with JSON.parse", `{"t":1,"event":{"a":1},"event":${EXACT}}`],
] as const) {
  test(`a message is found byte for byte in a line ${how}`, () => assert.equal(message(line), EXACT));
}

for (const [what, line] of [
  ["that was cut off and ends as whole ones do", '{"t":1,"at":1,"stream":"s","event":{"a":{"b":1}}'],
  ["whose message is an array", '{"t":1,"event":[]}'],
  ["without a message", '{"t":1}'],
  ["that is not UTF-8", Buffer.from('{"t":1,"event":{"a":"\xff"}}', "latin1")],
  ["that is nested too deep", `{"t":1,"event":{"a":${"[".repeat(600)}${"]".repeat(600)}}}`],
] as const) {
  test(`a line ${what} gives none`, () => assert.equal(message(line), undefined));
}
