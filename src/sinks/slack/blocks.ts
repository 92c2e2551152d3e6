import { piecesOf } from "./escape.ts";
import { LIMITS } from "./limits.ts";

interface TextObject {
  readonly type: "mrkdwn" | "plain_text";
  readonly text: string;
  readonly emoji?: true;
}

/** The blocks that are used here. https://api.slack.com/reference/block-kit/blocks */
export type Block =
  | { readonly type: "header"; readonly text: TextObject }
  | { readonly type: "section"; readonly text?: TextObject; readonly fields?: readonly TextObject[] }
  | { readonly type: "context"; readonly elements: readonly TextObject[] };

/** Blocks beside a bar of colour (`#rrggbb`), which blocks alone cannot have. */
export interface Attachment {
  readonly color: string;
  readonly blocks: readonly Block[];
}

/** What is posted. `text` is what notifications and screen readers give. */
export interface Payload {
  readonly text: string;
  readonly blocks?: readonly Block[];
  readonly attachments?: readonly Attachment[];
}

export const mrkdwn = (text: string): TextObject => ({ type: "mrkdwn", text });

/** Escaped text in as many sections as it needs. */
export const sections = (text: string): Block[] =>
  piecesOf(text, LIMITS.section).map((piece) => ({ type: "section", text: mrkdwn(piece) }));

/** The same message as text alone, for a Slack that refused its blocks. */
export const plain = ({ text }: Payload): Payload => ({ text });

/** Whether a message is within Slack's limits for a whole one. */
export function fits({ text, blocks = [], attachments = [] }: Payload): boolean {
  if (attachments.length > LIMITS.attachments) return false;
  // Slack does not say whether it counts what is in attachments too.
  const all = [...blocks, ...attachments.flatMap((attachment) => attachment.blocks)];
  return all.length <= LIMITS.blocks && text.length + charsOf(all) <= LIMITS.message;
}

function charsOf(blocks: readonly Block[]): number {
  let sum = 0;
  for (const block of blocks) {
    if (block.type === "context") for (const element of block.elements) sum += element.text.length;
    else sum += block.text?.text.length ?? 0;
    if (block.type === "section") for (const field of block.fields ?? []) sum += field.text.length;
  }
  return sum;
}

/** A moment (ms) in the reader's own zone. https://api.slack.com/reference/surfaces/formatting#date-formatting */
export function dateOf(t: number): string {
  const date = new Date(t);
  if (Number.isNaN(date.getTime())) return "an unknown time";
  const fallback = `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  return `<!date^${Math.floor(t / 1000)}^{date_short_pretty} {time_secs}|${fallback}>`;
}
