import { join } from "node:path";
import { EXIT, ToolError } from "./errors.ts";
import { print } from "./output.ts";

/** Runs another executable of this build in this process, as if it had been called by its own name. */
export async function runSibling(name: string, words: readonly string[]): Promise<void> {
  process.argv = [process.argv[0]!, name, ...words];
  const bundle = require(join(__dirname, `${name}.js`)) as { run(): Promise<void> };
  await bundle.run();
}

/** The words behind the name of this program. */
export const commandWords = (): string[] => process.argv.slice(2);

/** Ends with a text on standard output (code 0), or on standard error. */
export function conclude(text: string, code: number): void {
  process.exitCode = code;
  process.stderr.on("error", () => {});
  if (code !== EXIT.done) return void process.stderr.write(text);
  try {
    print(text);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    process.stderr.write(`rsvpulse: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
