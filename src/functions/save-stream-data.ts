import { messageReader } from "../records/message.ts";
import { CATALOGUE, sourceNamed } from "../sources/catalogue.ts";
import type { Handler } from "./http-function.ts";
import { RequestProblem } from "./problems.ts";

/** Where messages of a bucket go. */
export interface MessageStore {
  /**
   * Keeps a message, byte for byte, under a name that no other message has. @param t event time, ms.
   * @throws ToolError (permission, unavailable with the facts `status` and `retryAfter`, configuration).
   */
  save(label: string, id: string | null, t: number, bytes: Buffer): Promise<"created" | "exists">;
}

/** Opens a bucket. @throws ToolError (configuration). */
export type OpenBucket = (bucket: string) => Promise<MessageStore>;

/** https://cloud.google.com/storage/docs/buckets#naming */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const LABEL = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/** `save_stream_data?bucket=B&label=L` with one message as the body: keeps it in the bucket. */
export const saveStreamData =
  (openBucket: OpenBucket): Handler =>
  async ({ parameter, body }) => {
    const bucket = matching(BUCKET, parameter("bucket"), "the name of a bucket in the parameter bucket");
    const label = matching(LABEL, parameter("label"), "letters, digits, _, - and . in the parameter label");
    if (body.length === 0) throw new RequestProblem(400, "the body is missing: send one message as JSON");
    const { id, t } = headOf(label, body);
    const store = await openBucket(bucket);
    const result = await store.save(label, id, t, body);
    return { status: result === "created" ? 201 : 200, body: { result, label, id, t } };
  };

function matching(pattern: RegExp, value: string, expected: string): string {
  if (pattern.test(value)) return value;
  throw new RequestProblem(400, `expected ${expected}, got ${JSON.stringify(value.slice(0, 100))}`);
}

/** Id and event time, where the label's source has them, else where any of Meetup's streams has. */
function headOf(label: string, body: Buffer): { readonly id: string | null; readonly t: number } {
  const named = sourceNamed(label) ?? sourceNamed(`meetup-${label.replaceAll("_", "-")}`);
  const sources = named === undefined ? CATALOGUE.filter(({ name }) => name.startsWith("meetup-")) : [named];
  let found: { id: string | null; t: number } | undefined;
  for (const { paths } of sources) {
    const { head, read } = messageReader(paths);
    const fault = read(body, 0, body.length);
    if (fault !== "ok") throw new RequestProblem(400, `the body is no message of this label: ${fault}`);
    found = { id: head.id, t: head.t };
    if (head.id !== null) break;
  }
  return found!;
}
