/**
 * What `work` gives for each item, in the items' order, with at most `max` of them at work at a time.
 * @throws what the first that failed threw; no item is begun after that.
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  max: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  // One for all hands: each takes the next item when it has done its own.
  const rest = items.entries();
  let hasFailed = false;
  async function hand(): Promise<void> {
    for (const [i, item] of rest) {
      if (hasFailed) return;
      results[i] = await work(item);
    }
  }
  const hands = Array.from({ length: Math.min(max, items.length) }, () =>
    hand().catch((error: unknown) => {
      hasFailed = true;
      throw error;
    }),
  );
  await Promise.all(hands);
  return results;
}
