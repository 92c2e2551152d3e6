import { pino } from "pino";
import { type Log, logOf, type Severity } from "./log.ts";

/** pino's numeric level by severity. */
const LEVELS: Readonly<Record<Severity, number>> = {
  DEBUG: 20,
  INFO: 30,
  NOTICE: 35,
  WARNING: 40,
  ERROR: 50,
  CRITICAL: 60,
  ALERT: 61,
  EMERGENCY: 62,
};

/**
 * Log records on standard error: `{"time","severity","tool","message", …facts}`, written synchronously, so that
 * the last one before an end is not lost.
 */
export function jsonLog(tool: string): Log {
  // `dest`, for with `fd` pino looks at standard output all the same, and a pipe that was looked at does not block.
  const destination = pino.destination({ dest: 2, sync: true });
  // What a full disk does not take of the log is lost; the work goes on.
  destination.on("error", () => {});
  const logger = pino(
    {
      level: "trace",
      base: null,
      // The level field is left out (the severity says it), so the time opens the object.
      formatters: { level: () => ({}) },
      timestamp: () => `"time":"${new Date().toISOString()}"`,
    },
    destination,
  );
  return logOf((severity, message, facts) => {
    const record = { severity, tool, message, ...facts };
    const level = LEVELS[severity];
    if (level >= LEVELS.ERROR) logger.error(record);
    else if (level >= LEVELS.WARNING) logger.warn(record);
    else if (level >= LEVELS.INFO) logger.info(record);
    else logger.debug(record);
  });
}
