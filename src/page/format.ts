/** Longest name of a category on the page, characters. */
const NAME_CHARS_MAX = 60;
/** Longest sentence or title on the page, characters. */
const TEXT_CHARS_MAX = 600;
/** Control characters, and those that turn the direction of what follows: none has anything to say on a page. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** What a figure that is not known looks like. */
export const UNKNOWN = "–";

/** Text from the stream as it may be shown: without control characters, in one line, cut at `max` characters. */
export function shown(text: string, max = TEXT_CHARS_MAX): string {
  const plain = text
    .slice(0, max * 4)
    .replace(UNSEEN, " ")
    .trim();
  const characters = [...plain];
  return characters.length <= max ? plain : `${characters.slice(0, max - 1).join("")}…`;
}

/** A category as a person calls it; a pair of quotation marks where it has no name. */
export const shownName = (name: string): string => shown(name, NAME_CHARS_MAX) || "“”";

/** A number for a person: three significant digits below 100, whole from there on, thousands marked. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(size >= 10 ? 3 : 2)));
}

/** A rate of events a second, as many digits as stay in place from second to second: `9.8`, `31`, `0.42`. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return UNKNOWN;
  if (perSecond >= 100) return Math.round(perSecond).toLocaleString("en-US");
  return perSecond >= 1 || perSecond === 0 ? perSecond.toFixed(1) : perSecond.toFixed(2);
}

/** A share, 0 to 1, in per cent: `36 %`, `8.8 %`, `0.42 %`; nothing more exact than its two figures. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return UNKNOWN;
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.01) return "< 0.01 %";
  return `${percent >= 10 ? percent.toFixed(0) : percent >= 1 ? percent.toFixed(1) : percent.toFixed(2)} %`;
}

/** How many times as much as usual something is: `3.4 ×`, `12 ×`, `0.4 ×`; undefined where usual is nothing. */
export function formatRatio(now: number | null, usual: number | null): string | undefined {
  if (now === null || usual === null || usual <= 0) return undefined;
  const ratio = now / usual;
  if (ratio > 99) return "> 99 ×";
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio >= 0.1 || ratio === 0 ? ratio.toFixed(1) : "< 0.1"} ×`;
}

/** A span, s, in its two largest units: `0.32 s`, `12 s`, `5 min 20 s`, `3 h 5 min`. */
export function formatSpan(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return UNKNOWN;
  if (seconds < 100) return `${formatNumber(Math.max(0, seconds))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86_400) return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return pair(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3600), "h");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** The time of day of a point in time, ms, in UTC as the alerts' sentences have it: `12:31:04`. */
export const formatTime = (ms: number): string => isoOf(ms).slice(11, 19);

/** The same with hours and minutes only: `12:31`. */
export const formatMinute = (ms: number): string => isoOf(ms).slice(11, 16);

/** With its date where `now` is another day's: `2026-01-30 12:31:04`. */
export function formatDayTime(ms: number, now: number): string {
  const iso = isoOf(ms);
  const time = iso.slice(11, 19);
  return iso.slice(0, 10) === isoOf(now).slice(0, 10) ? time : `${iso.slice(0, 10)} ${time}`;
}

/** A time that no date can have must not end the page. */
const isoOf = (ms: number): string => new Date(Math.abs(ms) <= 8.64e15 ? ms : 0).toISOString();

/** A noun with its number: `1 RSVP`, `2,301 RSVPs`. */
export const counted = (count: number, noun: string): string =>
  `${Math.round(count).toLocaleString("en-US")} ${count === 1 ? noun : plural(noun)}`;

/** More than one of them: `RSVPs`, `entries`, `changes`. */
export function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** With a capital letter, for the beginning of a sentence. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

/** A sentence about a stream without the stream's name before it, for the page is about one stream. */
export function withoutStream(text: string, stream: string): string {
  const rest = text.startsWith(`${stream}: `) ? text.slice(stream.length + 2) : text;
  return shown(capitalised(rest));
}

/** An address that a link may lead to: http and https only; undefined of any other, such as `javascript:`. */
export function safeLink(url: string | null | undefined): string | undefined {
  if (url === null || url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? href : undefined;
}
