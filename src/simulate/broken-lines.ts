import { ByteWriter } from "../core/byte-writer.ts";
import type { WriteMessage } from "./message-writer.ts";
import { PLACES } from "./places.ts";
import type { Random } from "./random.ts";

const NOT_UTF8 = 0xff;

/**
 * Lines that are no messages, one kind after the other: a page of HTML in place of JSON, a message that stops in its
 * middle, a message with a byte that is no UTF-8. Each ends in a newline.
 */
export function brokenLines(random: Random, writeMessage: WriteMessage): (to: ByteWriter) => void {
  const scratch = new ByteWriter(4096);
  let made = 0;
  return (to) => {
    const kind = made++ % 3;
    if (kind === 0) return to.text("<html><head><title>502 Bad Gateway</title></head></html>\n");
    writeMessage(scratch, { mtime: 0, place: random.below(PLACES.length) });
    const message = scratch.take();
    const middle = message.length >> 1;
    if (kind === 1) {
      to.bytes(message, 0, middle);
      return to.text("\n");
    }
    message[middle] = NOT_UTF8;
    to.bytes(message, 0, message.length);
  };
}
