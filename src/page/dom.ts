/** The element of the page with an id. @throws Error when the page has no such element. */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`expected an element with the id ${id}, found none`);
  return element as unknown as T;
}

/** What an element is made of: elements, and text, which is never read as markup. */
export type Child = Node | string | undefined;

/** A new element; attributes that are undefined are left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** A new element of a drawing. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled<T extends Element>(
  element: T,
  attributes: Readonly<Record<string, string | undefined>>,
  children: readonly Child[],
): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Sets text where it is another than before: what stays costs nothing, and is not read out again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute where it is another than before. */
export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Shows or hides. */
export function setHidden(element: Element, hidden: boolean): void {
  if (element.hasAttribute("hidden") !== hidden) element.toggleAttribute("hidden", hidden);
}
