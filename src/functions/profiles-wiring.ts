import { ToolError } from "../core/errors.ts";
import type { FetchProfiles } from "./save-profiles.ts";

/** Profiles as the tool of that name fetches and merges them. */
export const fetchProfiles: FetchProfiles = async () => {
  throw new ToolError("configuration", "this build has no profiles");
};
