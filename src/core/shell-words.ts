import { commandWords } from "./dispatch.ts";

export interface CommandLineOptions {
  /** Flags that are left away. */
  readonly without: readonly string[];
  /** Options that have this value instead of what they had. */
  readonly set: Readonly<Record<string, string>>;
}

/** The command line of this run, as it can be pasted into a shell, with some options changed. */
export function commandLine(tool: string, { without, set }: CommandLineOptions): string {
  const kept: string[] = [];
  let skip = false;
  for (const word of commandWords()) {
    const flag = word.split("=", 1)[0]!;
    const isSet = Object.hasOwn(set, flag);
    if (!skip && !isSet && !without.includes(word)) kept.push(word);
    skip = isSet && flag === word;
  }
  return [tool, ...kept, ...Object.entries(set).flat()].map(shellWord).join(" ");
}

/** A word as a shell takes it for one. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
