import { ToolError } from "./errors.ts";
import type { Stage } from "./stage.ts";

/** Streams that one process tells apart. More would be a field of the messages mistaken for a stream's name. */
export const STREAMS_MAX = 1000;

export interface StreamStages<In> {
  /** The stage of one stream; made when the stream is first heard of. @throws ToolError (badInput) past the limit. */
  of(stream: string): ReturnType<Stage<In, never>>;
  /** All inputs ended. @param wanted of which streams the stages are to hear of it; left out: of all. */
  end(wanted?: (stream: string) => boolean): void;
}

/** One stage a stream, so that streams which share a pipe never mix. Holds up to 1000 of them. */
export function byStream<In, Out>(
  make: (stream: string) => Stage<In, Out>,
  emitOf: (stream: string) => (record: Out) => void,
): StreamStages<In> {
  const stages = new Map<string, ReturnType<Stage<In, never>>>();
  let lastName: string | undefined;
  let last: ReturnType<Stage<In, never>> | undefined;

  return {
    of(stream) {
      if (stream === lastName && last !== undefined) return last;
      let stage = stages.get(stream);
      if (stage === undefined) {
        if (stages.size >= STREAMS_MAX) {
          throw new ToolError("badInput", `expected at most ${STREAMS_MAX} streams, got one more: ${stream}`);
        }
        stage = make(stream)(emitOf(stream));
        stages.set(stream, stage);
      }
      lastName = stream;
      last = stage;
      return stage;
    },
    end(wanted = () => true) {
      for (const [stream, stage] of stages) if (wanted(stream)) stage.end?.();
    },
  };
}
