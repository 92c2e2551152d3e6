/** Where a tool keeps what it must not forget between runs. One process at a time has it open. */
export interface StateStore {
  /** How messages call it; without secrets. */
  readonly name: string;
  /** What was saved last, or undefined. @throws ToolError. */
  load(): Promise<string | undefined>;
  /** Replaces what was saved, whole or not at all. @throws ToolError. */
  save(text: string): Promise<void>;
  /** Lets the next process have it. */
  close(): Promise<void>;
}
