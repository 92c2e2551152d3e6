import type { IdBook } from "./id-book.ts";
import type { ProfileKind } from "./kinds.ts";
import type { AllowanceMemory } from "./request-allowance.ts";

/** Which ids wait and which were asked for of late, where no end of the process loses it. One process has it open. */
export interface IdLog {
  readonly books: Readonly<Record<ProfileKind, IdBook>>;
  /** What the API still allows, too. */
  readonly allowance: AllowanceMemory;
  /** An id was seen. @returns whether it waits from now on; kept by the next flush. */
  see(kind: ProfileKind, id: number): boolean;
  /** Keeps all that was seen; after it a killed process loses none. @throws ToolError (io, permission). */
  flush(): void;
  /** These were asked for, and all that came of it is stored. @throws ToolError (io, permission). */
  settle(kind: ProfileKind, ids: readonly number[]): void;
  close(): void;
}
