/** Nothing in it is cleaned: words of printable ASCII, a space between each two. */
const CLEAN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * A text from outside for a sentence: on one line, without characters that steer a terminal or hide others, and at most
 * `charsMax` characters long, the last one an ellipsis where something was cut off.
 */
export function plainText(text: string, charsMax: number): string {
  if (text.length <= charsMax && CLEAN.test(text)) return text;
  // What is looked at is bounded too: a text may be a megabyte, and most of it blank.
  const head = text.length > charsMax * 16 ? text.slice(0, charsMax * 16) : text;
  const clean = head
    .replace(/\p{Cs}/gu, "\ufffd")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    // The joiner of emoji stays.
    .replace(/(?!\u200d)\p{Cf}/gu, "")
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...clean];
  if (characters.length <= charsMax && head === text) return clean;
  return `${characters
    .slice(0, charsMax - 1)
    .join("")
    .trimEnd()}…`;
}
