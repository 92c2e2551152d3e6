import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import type { Context } from "./cli.ts";

const REDRAW_MS = 1000;

/**
 * Keeps one line of state at the bottom of the terminal, redrawn each second, until the function it returns is called.
 *
 * Only for a person at standard error, and only for the first program of a pipe, so that the programs of one
 * pipeline do not draw over each other.
 * @param writes the tool writes data, which a line would stand among where they go to the terminal too.
 */
export function statusLine(
  { interactive, tool }: Context,
  render: () => string,
  { writes = true } = {},
): () => void {
  if (!interactive || (writes && isatty(1)) || stdinIsPipe()) return () => {};
  const draw = () => {
    const width = (process.stderr.columns ?? 80) - 1;
    process.stderr.write(`\r\u001b[K${`${tool}: ${render()}`.slice(0, width)}\r`);
  };
  const timer = setInterval(draw, REDRAW_MS);
  return () => {
    clearInterval(timer);
    process.stderr.write("\u001b[K");
  };
}

function stdinIsPipe(): boolean {
  try {
    return fstatSync(0).isFIFO();
  } catch {
    return false;
  }
}
