/** An address as it may be told: without user, password and query, which can hold secrets. */
export function shownAddress(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname}`;
}
