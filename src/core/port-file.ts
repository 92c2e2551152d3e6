import { rmSync } from "node:fs";
import { writeAtomically } from "./durable.ts";
import { fileError } from "./errors.ts";

/** The file of `--port-file`, in which a server tells its port while it listens. */
export interface PortFile {
  /** Writes the port. @throws ToolError (cannotCreate, permission, io). */
  tell(port: number): void;
  /** Removes the file. @throws ToolError (permission, io). */
  remove(): void;
}

/** A file that a killed server left would tell its port, so it is removed now. Without a path nothing is done. */
export function portFile(path: string | undefined): PortFile {
  const remove = () => {
    try {
      if (path !== undefined) rmSync(path, { force: true });
    } catch (error) {
      throw fileError(path ?? "", "write", error);
    }
  };
  remove();
  return {
    tell(port) {
      if (path !== undefined) writeAtomically(path, `${port}\n`);
    },
    remove,
  };
}
