import type { LineLoop } from "../../core/line-loop.ts";
import type { Output } from "../../core/output.ts";
import type { Outgoing } from "./folding.ts";
import { decodeItem } from "./item.ts";
import { type OutgoingOptions, outgoingLines } from "./outgoing.ts";
import { messageOf } from "./payload.ts";

export interface Preview extends LineLoop {
  settle(): Promise<void> | undefined;
  /** Writes what is left. */
  end(): void;
}

/** Lines of input as the messages that would be posted, one a line of output; counted as `shown`. */
export function previewLines({ output, ...options }: OutgoingOptions & { readonly output: Output }): Preview {
  const { line, take, rest } = outgoingLines(options);

  function show(lines: readonly Outgoing[]): void {
    let text = "";
    for (const { line, records, as } of lines) {
      const item = decodeItem(line.toString("utf8"));
      if (typeof item === "string") continue;
      options.tally.add(as === "delivered" ? "shown" : as, records);
      text += `${JSON.stringify(messageOf(item))}\n`;
    }
    output.write(text);
  }

  return {
    line,
    settle() {
      show(take());
      return output.ready();
    },
    end: () => show(rest()),
  };
}
