import { hostname } from "node:os";
import type { Clock } from "../core/clock.ts";
import { formatNumber, formatSpan } from "../core/spans.ts";
import { formatCount } from "../core/tally.ts";
import { type ProfileCounts, sumOf } from "../profiles/profile-counts.ts";
import type { Profiler } from "../profiles/profiler.ts";
import type { CollectedStream } from "./collected-stream.ts";
import type { Keeping } from "./keeping.ts";
import type { Troubles } from "./teller.ts";

/** Characters of what went wrong last that a sign of life repeats. */
const LAST_CHARS_MAX = 300;

/** How much the archive has, and how much of it was there before. */
export interface ArchiveCounts {
  archived: number;
  there: number;
}

export interface ReportOptions {
  readonly streams: readonly CollectedStream[];
  readonly keeping: Pick<Keeping, "unkept">;
  readonly archive: ArchiveCounts | undefined;
  readonly profiler: Profiler | undefined;
  readonly clock: Pick<Clock, "now" | "elapsed">;
}

/** What people are told of a collector. */
export interface Report {
  /** `4 of 5 connected · 1,234 archived, 34 profiles stored, 5 ids wait · meetup-rsvps 1,200, !meetup-photos 34`. */
  line(): string;
  facts(): Readonly<Record<string, unknown>>;
  /** It began: from where each stream goes on. */
  started(): string;
  /** It lives: since when, what it saved of each stream, how far behind each is, what went wrong. */
  signOfLife(troubles: Troubles): string;
}

export function report({ streams, keeping, archive, profiler, clock }: ReportOptions): Report {
  const begun = clock.elapsed();
  const begunAt = new Date(clock.now()).toISOString().slice(0, 19);
  const connected = () => streams.filter(({ status }) => status.isConnected).length;
  const people = (): ProfileCounts | undefined => profiler && sumOf(profiler.counts());

  const saved = () => {
    const counts = people();
    return [
      ...(archive === undefined ? [] : [`${formatCount(archive.archived)} archived`]),
      ...(archive === undefined || archive.there === 0
        ? []
        : [`${formatCount(archive.there)} were there already`]),
      ...(counts === undefined
        ? []
        : [`${formatCount(counts.stored)} profiles stored, ${formatCount(counts.waiting)} ids wait`]),
    ].join(", ");
  };

  function ofStream(stream: CollectedStream): string {
    const { kind, ...standing } = stream.standing();
    const behind = stream.behind();
    const words = [
      `${formatCount(stream.kept())} kept`,
      ...(behind === undefined ? ["nothing came yet"] : [`newest ${formatSpan(behind)} old`]),
      ...(kind === "over" ? ["the source says that there is no more"] : []),
      ...(kind === "waiting" || (kind === "running" && !stream.status.isConnected) ? ["not connected"] : []),
      ...("error" in standing ? [`DOWN: ${standing.error.message}`] : []),
    ];
    return `• ${stream.settings.stream}: ${words.join(", ")}`;
  }

  return {
    line: () =>
      [
        `${connected()} of ${streams.length} connected`,
        saved(),
        ...(keeping.unkept > 0 ? [`${formatCount(keeping.unkept)} on their way`] : []),
        streams
          .map(
            ({ settings, status, kept }) =>
              `${status.isConnected ? "" : "!"}${settings.stream} ${formatCount(kept())}`,
          )
          .join(", "),
      ].join(" · "),
    facts() {
      const counts = people();
      return {
        streams: streams.length,
        connected: connected(),
        unkept: keeping.unkept,
        ...(archive !== undefined && { archived: archive.archived, there: archive.there }),
        ...(counts !== undefined && { profiles: counts.stored, waiting: counts.waiting }),
      };
    },
    started() {
      const lines = streams.map(({ settings, goesOnFrom }) => {
        const from =
          goesOnFrom === undefined
            ? "begins with what is live"
            : `goes on ${formatSpan(Math.max(0, clock.now() - goesOnFrom) / 1000)} back`;
        return `• ${settings.stream}: ${from}`;
      });
      return [`collect at ${hostname()} has started`, ...lines].join("\n");
    },
    signOfLife({ warnings, errors, last }) {
      const up = formatSpan(Math.round((clock.elapsed() - begun) / 1000));
      const wrong =
        warnings + errors === 0
          ? "Nothing went wrong since the last message."
          : `Since the last message: ${formatNumber(errors)} errors, ${formatNumber(warnings)} warnings; ${last?.slice(0, LAST_CHARS_MAX) ?? ""}`;
      const head = `collect at ${hostname()} lives: for ${up}, since ${begunAt}Z; ${saved()}`;
      return [head, ...streams.map(ofStream), wrong].join("\n");
    },
  };
}
