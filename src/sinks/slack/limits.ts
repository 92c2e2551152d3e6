/**
 * Slack's limits, in characters where nothing else is said.
 * Sources: https://api.slack.com/reference/block-kit/blocks (header, section, context),
 * https://api.slack.com/reference/messaging/attachments (number, colour),
 * https://api.slack.com/methods/chat.postMessage (errors msg_too_long, msg_blocks_too_long).
 */
export const LIMITS = {
  /** Blocks of a message. */
  blocks: 50,
  /** Text of a header block. */
  header: 150,
  /** Text of a section block. */
  section: 3000,
  /** Fields of a section block, and the text of each. */
  fields: 10,
  field: 2000,
  /** Elements of a context block. */
  contextElements: 10,
  /** Attachments of a message: Slack takes 100 and asks for no more than these. */
  attachments: 20,
  /** All texts of a message together, the fallback included; Slack refuses blocks at about 13,200. */
  message: 13_000,
} as const;

/**
 * The most that is shown of one record's text, escaped. It stands twice in a message (in the blocks and as the
 * fallback), and there must be room for the rest.
 */
export const TEXT_CHARS_MAX = 5000;
/** The most that is shown of an example's text and of a category's name. */
export const EXAMPLE_CHARS_MAX = 300;
export const CATEGORY_CHARS_MAX = 100;
/** Longest address that is made a link. */
export const LINK_CHARS_MAX = 500;
/** Causes that are shown one by one. */
export const CAUSES_MAX = 8;
export const EXAMPLES_MAX = 3;
/** The most that is shown of a fact's name and of its value, and how many facts of a record are looked at. */
export const FACT_NAME_CHARS_MAX = 40;
export const FACT_CHARS_MAX = 200;
export const FACTS_READ_MAX = 100;
