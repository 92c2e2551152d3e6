const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const ELLIPSIS = "…";
/** What one step of a cut must not part: an escape, or a code point. */
const UNIT = /&(?:amp|lt|gt);|[\s\S]/gu;

/**
 * Text as Slack's mrkdwn wants it: the three control characters escaped, so that no text can make a link, name a
 * user or call a channel; what no one can see (control characters, halves of surrogate pairs) left out.
 *
 * Source: https://api.slack.com/reference/surfaces/formatting#escaping
 */
export function escapeText(text: string): string {
  return cleanText(text).replace(/[&<>]/g, (character) => ESCAPES[character]!);
}

/** Text without control characters, but for tabs and newlines; halves of surrogate pairs are replaced. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\p{Cc}/gu, (character) => (character === "\n" || character === "\t" ? character : ""))
    .replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Any text, escaped and cut to at most `max` units; looks at no more of it than it must. */
export function shortText(text: string, max: number): string {
  // What is looked at is more than enough, unless nearly all of it is invisible.
  const looked = text.slice(0, max * 4);
  const escaped = escapeText(looked);
  return cutText(looked.length < text.length ? `${escaped}${ELLIPSIS}` : escaped, max);
}

/** Escaped text of at most `max` UTF-16 units; what is cut off is told by an ellipsis. Never cuts an escape or a code point. */
export function cutText(escaped: string, max: number): string {
  if (escaped.length <= max) return escaped;
  return headOf(escaped, max - ELLIPSIS.length).trimEnd() + ELLIPSIS;
}

/** Escaped text in pieces of at most `max` units, cut after a newline or a space where there is one near the end. */
export function piecesOf(escaped: string, max: number): string[] {
  const pieces: string[] = [];
  let rest = escaped;
  while (rest.length > max) {
    let head = headOf(rest, max);
    const space = Math.max(head.lastIndexOf("\n"), head.lastIndexOf(" "));
    if (space >= max / 2) head = head.slice(0, space + 1);
    pieces.push(head);
    rest = rest.slice(head.length);
  }
  if (rest !== "") pieces.push(rest);
  return pieces;
}

/** The longest beginning of at most `max` units that ends between two units. */
function headOf(escaped: string, max: number): string {
  // Only the last few characters can lie across the cut; an escape has five at most.
  const from = safeStart(escaped, Math.max(0, max - 8));
  let end = from;
  for (const [unit] of escaped.slice(from, max + 8).matchAll(UNIT)) {
    if (end + unit.length > max) break;
    end += unit.length;
  }
  return escaped.slice(0, end);
}

/** A place at or before `at` where no escape and no code point is under way. */
function safeStart(escaped: string, at: number): number {
  const ampersand = escaped.lastIndexOf("&", at);
  if (ampersand >= 0 && at - ampersand < 5) return ampersand;
  const code = escaped.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
