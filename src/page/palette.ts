/** The colours that charts draw with; each is a custom property of page.css. */
const NAMES = ["paper", "ink", "soft", "rule", "line", "dust", "up", "down", "shift", "blind"] as const;
export type ColourName = (typeof NAMES)[number];
export type Palette = Readonly<Record<ColourName, string>>;

/**
 * The colours as they are now, light or dark.
 *
 * A custom property alone would give its words, `light-dark(…)`; as a colour of an element it gives what they come to.
 */
export function readPalette(): Palette {
  const probe = document.createElement("span");
  document.body.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as Record<ColourName, string>;
}
