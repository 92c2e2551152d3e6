import { existsSync, readFileSync } from "node:fs";
import { ROOT } from "./run-tool.ts";

/** A recording among the data for tests, which lie beside the checkout or where RSVPULSE_DATA says. */
export function recording(name: string) {
  const file = `${process.env["RSVPULSE_DATA"] ?? `${ROOT}/../shared/data`}/${name}`;
  return {
    /** Of a test that needs it: without it, it says so and is skipped. */
    options: existsSync(file) ? {} : { skip: `no recording at ${file}; RSVPULSE_DATA names its folder` },
    lines: () => readFileSync(file, "utf8").trimEnd().split("\n"),
  };
}

export const wikimedia = recording("wikimedia-recentchange-2023-07-29.ndjson");
export const bluesky = recording("bluesky-jetstream-2026-07-04.ndjson");
