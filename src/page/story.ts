import type { ComparedShare } from "../api/wire.ts";
import { fallen, surging } from "./categories.ts";
import { type Episode, kindOf, openEpisode, toneOf } from "./episodes.ts";
import * as f from "./format.ts";
import { SMOOTHED } from "./series.ts";
import { edgeOf, type PageState, ratesOf } from "./state.ts";

/** How the stream is, in one word for the chip. */
export type Standing = "live" | "blind" | "waiting" | "away" | "ended" | "reconnecting" | "connecting";

/** What the page says above everything else. */
export interface Story {
  readonly standing: Standing;
  /** The chip's words. */
  readonly label: string;
  /** One sentence that tells the story now. */
  readonly sentence: string;
  /** Figures to it, as they are this second. */
  readonly detail: string;
  /** Whether more, less, or something else than usual is going on, or nothing can be said. */
  readonly mood: "usual" | "up" | "down" | "shift" | "blind";
}

const LABELS: Readonly<Record<Standing, string>> = {
  live: "Live",
  blind: "Blind",
  waiting: "Waiting",
  away: "Store away",
  ended: "Ended",
  reconnecting: "Reconnecting",
  connecting: "Connecting",
};

/** How the stream stands: a page that has lost the API knows no better than that it has. */
export function standingOf({ link, health }: PageState): Standing {
  if (link === "lost") return "reconnecting";
  if (link === "connecting" || health === undefined) return "connecting";
  return health.status;
}

/** The story of what the page knows. */
export function storyOf(state: PageState): Story {
  const standing = standingOf(state);
  const open = openEpisode(state.episodes);
  return {
    standing,
    label: LABELS[standing],
    sentence: sentenceOf(state, standing, open),
    detail: state.stream === undefined ? "" : detailOf(state, standing, open),
    mood: moodOf(standing, open),
  };
}

function moodOf(standing: Standing, open: Episode | undefined): Story["mood"] {
  if (standing === "live" || standing === "ended") return open === undefined ? "usual" : toneOf(open);
  return standing === "waiting" ? "usual" : "blind";
}

function sentenceOf(state: PageState, standing: Standing, open: Episode | undefined): string {
  const { health, stream = "", series } = state;
  const last = series.seconds.at(-1);
  const until =
    last === undefined
      ? ""
      : ` What is shown is how it was at ${f.formatDayTime(last * 1000, Date.now())} UTC.`;
  switch (standing) {
    case "connecting":
      return stream === "" ? "Connecting …" : `Connecting again …${until}`;
    case "reconnecting":
      return `This page has lost the API and is trying again.${until}`;
    case "away":
      return `${f.shown(health?.detail ?? "The store does not answer.")}${until}`;
    case "waiting":
      return "Nothing has come yet.";
    case "blind":
      if (open?.kind === "blind") return headlineOf(open, stream);
      return f.shown(health?.detail ?? "We are blind: nothing can be said about the stream.");
    case "ended":
      return `The stream has ended.${until}`;
    case "live":
      return open === undefined ? calmSentence(state) : headlineOf(open, stream);
  }
}

/** Longest headline, characters. */
const HEADLINE_CHARS_MAX = 240;

/** An episode's text without the odds, which stand with the episode below. */
const headlineOf = ({ told }: Episode, stream: string): string =>
  f.shown(
    f.withoutStream(told.text, stream).replace(/ Chance alone does this [^.]*\.$/, ""),
    HEADLINE_CHARS_MAX,
  );

function calmSentence(state: PageState): string {
  const { now, usual } = ratesOf(state);
  const events = f.plural(f.shown(state.noun, 40));
  const subject = f.capitalised(events);
  if (now === null) return `No ${events} are heard.`;
  if (usual !== null && differs(now, usual))
    return `${subject} come at ${f.formatRate(now)} a second; usual is ${f.formatRate(usual)}.`;
  if (usual !== null) return `${subject} come as usual: ${f.formatRate(now)} a second.`;
  return `${subject} come at ${f.formatRate(now)} a second. What is usual is still being learnt.`;
}

/** How bursty a stream may be: the variance of its counts against their mean, as detectors assume at first. */
const DISPERSION = 3;
/** Standard errors from which on a rate is no longer called usual, though no detector has said so. */
const ERRORS_MAX = 4;

/** A rate is so far from usual that "as usual" would be odd. */
const differs = (now: number, usual: number): boolean =>
  Math.abs(now - usual) > ERRORS_MAX * Math.sqrt((DISPERSION * usual) / SMOOTHED);

/**
 * The figures of this second in words, among them what no detector has made up its mind about yet; when all is calm, what
 * was last.
 */
function detailOf(state: PageState, standing: Standing, open: Episode | undefined): string {
  const { now, usual } = ratesOf(state);
  if (standing === "blind" && open?.kind === "blind") return `${f.capitalised(lasting(state, open))}.`;
  if (now === null || (standing !== "live" && standing !== "ended")) return "";
  const places = state.shares === undefined ? [] : [...surging(state.shares), ...fallen(state.shares)];
  const calm = open === undefined && (usual === null || !differs(now, usual));
  const rate = calm ? "" : rateWords(now, usual);
  if (places.length === 0) return rate || lastWords(state);
  const named = places.slice(0, 3).map(standOut);
  const more = places.length > 3 ? `; so do ${places.length - 3} more` : "";
  return `${rate} ${f.listed(named)} ${places.length === 1 ? "stands" : "stand"} out${more}.`.trim();
}

const lasting = (state: PageState, { since }: Episode): string =>
  `since ${f.formatTime(since)} UTC, for ${f.formatSpan(Math.round(Math.max(0, edgeOf(state) - since / 1000)))}`;

function rateWords(now: number, usual: number | null): string {
  const ratio = f.formatRatio(now, usual);
  const than = ratio === undefined ? "" : `, ${ratio} usual`;
  return `${f.formatRate(now)} a second in the last ${SMOOTHED} s${than}.`;
}

/** What was last out of the ordinary, in the hour that is shown. */
function lastWords(state: PageState): string {
  const edge = edgeOf(state) * 1000;
  const last = state.episodes.find(({ end }) => end !== undefined && end > edge - 3_600_000);
  if (last === undefined) return "";
  const ago = f.formatSpan(Math.max(0, Math.round((edge - last.end!) / 60_000) * 60));
  const when = ago === "0 s" ? "just now" : `${ago} ago`;
  return `Last out of the ordinary: ${kindOf(last).toLowerCase()} for ${f.formatSpan((last.end! - last.since) / 1000)}, over ${when}.`;
}

function standOut({ name, now, usual }: ComparedShare): string {
  const ratio = f.formatRatio(now, usual);
  return `${f.shownName(name)} (${ratio === undefined ? `new, ${f.formatShare(now)}` : `${ratio} its usual share`})`;
}

/** The title of the document: what is out of the ordinary, then the stream. */
export function titleOf({ standing, mood, label }: Story, state: PageState): string {
  const name = f.shown(state.stream ?? "rsvpulse", 60);
  if (standing !== "live") return `${label} – ${name}`;
  const { now, usual } = ratesOf(state);
  const ratio = f.formatRatio(now, usual);
  if (mood === "up") return `▲ ${ratio ?? ""} – ${name}`.replace("  ", " ");
  if (mood === "down") return `▼ ${ratio ?? ""} – ${name}`.replace("  ", " ");
  return mood === "shift" ? `◆ shares shift – ${name}` : `${f.formatRate(now)}/s – ${name}`;
}
