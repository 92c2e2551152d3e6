import { ToolError } from "../core/errors.ts";
import { shownAddress } from "./address.ts";
import type { Source } from "./catalogue.ts";

const RETIRED_HOST = "stream.meetup.com";
const INSTEAD =
  "run `simulate` and give its address with --url, replay a recording with --replay FILE, or give another stream's address with --url";

/** What to do about a source that cannot be reached, or does not let us in. `contact`: it was told whom to turn to. */
export function unreachable(
  source: Pick<Source, "url" | "retired" | "asksContact">,
  { reason, status, contact }: { reason: string; status: number | undefined; contact: boolean },
): ToolError {
  const shown = shownAddress(source.url);
  const facts = { url: shown, reason };
  const told = (kind: "permission" | "unavailable", words: string) =>
    new ToolError(kind, `${shown}: ${words}`, { facts });
  if (status === 401 || status === 403) {
    const hint = source.asksContact === true && !contact ? "; perhaps because no --contact was given" : "";
    return told("permission", `${reason}: it does not let us in${hint}`);
  }
  if (status === 204)
    return told("unavailable", `${reason}: the source says that it has nothing to give: stop`);
  if (status === 200)
    return told("unavailable", `${reason}; is it another stream's address, or another --protocol?`);
  if (source.retired !== undefined && new URL(source.url).hostname === RETIRED_HOST) {
    return told("unavailable", `${reason}. ${source.retired}; ${INSTEAD}`);
  }
  return told("unavailable", `cannot be reached: ${reason}; is the address right, and the server running?`);
}
