declare const RSVPULSE_VERSION: string | undefined;

/** The package's version, put in by the build. */
export const VERSION: string = typeof RSVPULSE_VERSION === "string" ? RSVPULSE_VERSION : "0.0.0-dev";
