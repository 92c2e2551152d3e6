/**
 * What is made for a name: once, and kept for the next request to this instance; what cannot be made is tried again then.
 *
 * Holds `max` of them; past that the one that was made first is left to those who still use it.
 */
export function madeOnce<T>(
  make: (name: string) => Promise<T>,
  { max }: { readonly max: number },
): (name: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const [first] = made.keys();
    if (first !== undefined && made.size >= max) made.delete(first);
    const fresh = make(name);
    made.set(name, fresh);
    fresh.catch(() => made.get(name) === fresh && made.delete(name));
    return fresh;
  };
}
