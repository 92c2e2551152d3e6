import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** An environment variable; an empty one is as good as none. */
export function environmentVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

/**
 * Where the toolkit keeps what must outlive a run and is no setting: `$XDG_STATE_HOME/rsvpulse`, else
 * `~/.local/state/rsvpulse`. A relative XDG_STATE_HOME is ignored, as the XDG Base Directory Specification demands.
 */
export function stateFolder(): string {
  const named = environmentVariable("XDG_STATE_HOME");
  const base = named !== undefined && isAbsolute(named) ? named : join(homedir(), ".local", "state");
  return join(base, "rsvpulse");
}

/** Sets an environment variable for code that this process loads later, unless somebody has set it. */
export function defaultVariable(name: string, value: string): void {
  process.env[name] ??= value;
}
