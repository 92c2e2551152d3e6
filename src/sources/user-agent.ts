import { ToolError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";

/** Longest contact, characters. */
const CONTACT_CHARS_MAX = 200;

/**
 * How we introduce ourselves: `rsvpulse/1.0 (+https://example.org/bot; ops@example.org)`, or without a contact by name and
 * version only.
 *
 * Sources may shut out programs that do not say whom to turn to.
 * https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy
 */
export const userAgent = (contact: string | undefined): string =>
  `rsvpulse/${VERSION}${contact === undefined ? "" : ` (${contact})`}`;

/** An address of the web (which gets its `+`), of mail, or both; anything that can stand in a header. @throws ToolError (usage). */
export function parseContact(text: string): string {
  const contact = text.trim();
  if (!/^[\x20-\x7e]+$/.test(contact) || /[()\\]/.test(contact) || contact.length > CONTACT_CHARS_MAX) {
    throw new ToolError(
      "usage",
      `expected an address of the web or of mail, at most ${CONTACT_CHARS_MAX} plain characters, got ${JSON.stringify(text)}`,
    );
  }
  return /^https?:\/\//.test(contact) ? `+${contact}` : contact;
}
