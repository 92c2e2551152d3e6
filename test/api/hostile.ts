import { alertOf } from "../store/alerts-contract.ts";
import { appOf, handFed } from "./setting.ts";

/** Names of categories that break what is careless. */
export const HOSTILE = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "length", "null"],
  ...['"', "'", "\\", '\\"', "{}", "[]", "},{", "</script><script>alert(1)</script>", "<img src=x>"],
  ...[
    "\u0000",
    "\n",
    "\r\n",
    'a\nb{c="d"} 1\n# HELP x',
    "\u2028",
    "\t",
    " ",
    "%00",
    "%",
    "&",
    "=",
    "?",
    "#",
    "a,b",
    "+",
  ],
  ...["\u202eevil", "\u200b", "\ufeff", "e\u0301", "🏴‍☠️", "ÿ", "İ", "x".repeat(256), "🙂".repeat(128)],
  ...["-0", "1e999", "true", "..", "../../etc/passwd", "/", "$where", "{{7*7}}", "id: 5\ndata: x"],
];

/** Nothing that tells of the inside of the program, and no number that JSON does not have. */
export const INSIDES = new RegExp(
  [
    String.raw`^\s+at .*:\d+|\n\s+at |node_modules|file:\/\/|\/(?:home|root|usr|tmp|src|dist)\/`,
    String.raw`\b(?:TypeError|RangeError|SyntaxError|ReferenceError)\b|FST_ERR|HPE_`,
    process.cwd().replace(/[^\w/]/g, String.raw`\$&`),
  ].join("|"),
);

/** Their weights, no two of which are the same. */
export const WEIGHTS = new Map(HOSTILE.map((key, i) => [key, i + 1]));

/** An app over a stream whose categories and alerts are hostile. */
export async function runningHostile() {
  const fed = handFed();
  const byKey = Object.fromEntries(HOSTILE.map((key) => [key, 3]));
  for (let i = 0; i < 5; i++) fed.feed(WEIGHTS, { byKey });
  for (const [i, text] of HOSTILE.entries()) {
    fed.live.alert(String(i), alertOf(i, { text, why: [{ category: text, share: 1 }] }));
  }
  return { ...fed, app: await appOf(fed.live) };
}
