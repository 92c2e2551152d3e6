import { ToolError } from "../../core/errors.ts";
import { formatSpan, parsePositiveSpan } from "../../core/spans.ts";
import { severityRank } from "./item.ts";

/** Posts that are allowed in any span of this length. */
export interface Allowance {
  readonly count: number;
  /** ms. */
  readonly span: number;
}

/** Most posts that an allowance may count: it remembers the time of each. */
const COUNT_MAX = 10_000;
/** Messages that are told one by one of what was held back; how many are told apart at all; how much of each. */
const SHOWN_MAX = 8;
const KINDS_MAX = 200;
const TEXT_CHARS = 200;

/** `20/10m`. @throws ToolError (usage). */
export function parseAllowance(text: string): Allowance {
  const [, count, span] = /^(\d+)\/(.+)$/.exec(text.trim()) ?? [];
  if (count === undefined || span === undefined || Number(count) < 1 || Number(count) > COUNT_MAX) {
    throw new ToolError(
      "usage",
      `expected a number of posts (at most ${COUNT_MAX}) and a span, such as 20/10m, got ${JSON.stringify(text)}`,
    );
  }
  return { count: Number(count), span: parsePositiveSpan(span) * 1000 };
}

/** What a log record says, short. */
export interface Said {
  readonly severity: string;
  readonly tool: string | undefined;
  readonly text: string;
}

/** What was held back, as a log record that tells it; `records` of them. */
export interface HeldBack {
  readonly record: Readonly<Record<string, unknown>>;
  readonly records: number;
}

/**
 * Lets through as many posts as are allowed and counts the rest, which is told by one post as soon as there is room
 * for one. That one counts too, so in no span do more go out; but for the end, where `rest` tells what is held back in one
 * post more, whatever the allowance. Times in ms, ascending.
 *
 * Holds a number a post that is allowed, and 200 messages.
 */
export interface Gate {
  /** Whether a post may go out at `now`, after `due` was asked; one that may not, and stands for `records`, is counted. */
  admits(said: Said, records: number, now: number): boolean;
  /** What was held back, when it is time to tell it. */
  due(now: number): HeldBack | undefined;
  /** What was held back, whatever the time; it is still to be told. */
  held(): HeldBack | undefined;
  /** The same; it is told by this, which counts as no post. */
  rest(): HeldBack | undefined;
}

interface Kind extends Said {
  records: number;
}

export function gate({ count, span }: Allowance): Gate {
  let posts: number[] = [];
  let held = 0;
  let kinds = new Map<string, Kind>();

  function hasRoom(now: number): boolean {
    // invariant: ascending, so the first says whether any is old enough.
    if (posts.length > 0 && posts[0]! <= now - span) posts = posts.filter((at) => at > now - span);
    return posts.length < count;
  }

  function hold({ severity, tool, text }: Said, records: number): void {
    held += records;
    const said = { severity, tool, text: text.slice(0, TEXT_CHARS) };
    const key = JSON.stringify(said);
    const kind = kinds.get(key);
    if (kind !== undefined) kind.records += records;
    else if (kinds.size < KINDS_MAX) kinds.set(key, { ...said, records });
  }

  function heldBack(): HeldBack | undefined {
    if (held === 0) return undefined;
    const told = [...kinds.values()].sort((a, b) => b.records - a.records);
    return { records: held, record: digest(held, told, { count, span }) };
  }

  function rest(): HeldBack | undefined {
    const told = heldBack();
    held = 0;
    kinds = new Map();
    return told;
  }

  return {
    admits(said, records, now) {
      if (hasRoom(now)) {
        posts.push(now);
        return true;
      }
      hold(said, records);
      return false;
    },
    due(now) {
      if (held === 0 || !hasRoom(now)) return undefined;
      posts.push(now);
      return rest();
    },
    held: heldBack,
    rest,
  };
}

/** The messages that were held back most often, as a log record of the gravest severity among them. */
function digest(records: number, kinds: readonly Kind[], { count, span }: Allowance): HeldBack["record"] {
  const shown = kinds.slice(0, SHOWN_MAX);
  const others = shown.reduce((left, kind) => left - kind.records, records);
  const lines = shown.map(
    ({ records, severity, tool, text }) =>
      `• ${records} × ${[severity, tool].filter(Boolean).join(" ")}: ${text}`,
  );
  if (others > 0) lines.push(`• ${others} others`);
  const head = `${records} log ${records === 1 ? "record was" : "records were"} held back, for at most ${count} posts in ${formatSpan(span / 1000)} go out:`;
  const gravest = kinds.reduce((a, b) => (severityRank(b.severity) > severityRank(a.severity) ? b : a));
  return { severity: gravest.severity, tool: "slack-push", message: [head, ...lines].join("\n") };
}
