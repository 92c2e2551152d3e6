import type { ComparedShare, Shares } from "../api/wire.ts";

/** Categories that the list shows unasked. */
export const ROWS_MAX = 12;
/** Categories that a search shows. */
export const FOUND_MAX = 20;
/** From so many categories on, there is a field to find one. */
export const FILTER_FROM = 30;

/** What a list of categories shows, and what it leaves out. */
export interface Selection {
  readonly rows: readonly ComparedShare[];
  readonly others: { readonly categories: number; readonly now: number; readonly usual: number | null };
}

/**
 * The categories to show: those that stand out, most first, then those that usually have most.
 *
 * The others go by what is usual, not by what they have now, so that rows stay where they are from second to second.
 */
export function selectCategories({ categories, others }: Shares, max = ROWS_MAX): Selection {
  const standing = categories
    .filter(({ standing }) => standing !== "usual")
    .sort(
      (a, b) => Number(b.standing === "surging") - Number(a.standing === "surging") || weight(b) - weight(a),
    );
  const rest = categories.filter(({ standing }) => standing === "usual").sort(byUsual);
  const rows = [...standing, ...rest].slice(0, max);
  const hidden = [...standing, ...rest].slice(max);
  return {
    rows,
    others: {
      categories: others.categories + hidden.length,
      now: hidden.reduce((sum, { now }) => sum + now, others.now),
      usual: sumUsual(hidden, others),
    },
  };
}

const weight = ({ surplus }: ComparedShare): number => Math.abs(surplus);
const byUsual = (a: ComparedShare, b: ComparedShare): number =>
  (b.usual ?? b.now) - (a.usual ?? a.now) || (a.key < b.key ? -1 : 1);

function sumUsual(hidden: readonly ComparedShare[], others: Shares["others"]): number | null {
  if (others.usual === null && others.categories > 0) return null;
  if (hidden.some(({ usual }) => usual === null)) return null;
  return hidden.reduce((sum, { usual }) => sum + (usual ?? 0), others.usual ?? 0);
}

/** How many categories there are. */
export const categoriesIn = ({ categories, others }: Shares): number => categories.length + others.categories;

/** The categories whose name or key holds the words, those that begin with them first. */
export function findCategories(categories: readonly ComparedShare[], words: string): ComparedShare[] {
  const sought = words.trim().toLowerCase();
  const rank = ({ key, name }: ComparedShare): number => {
    const [k, n] = [key.toLowerCase(), name.toLowerCase()];
    if (k === sought || n === sought) return 0;
    if (n.startsWith(sought) || k.startsWith(sought)) return 1;
    return n.includes(sought) || k.includes(sought) ? 2 : 3;
  };
  return categories
    .map((category) => ({ category, rank: rank(category) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank || byUsual(a.category, b.category))
    .map(({ category }) => category);
}

/** Those that have far more than usual, most striking first. */
export const surging = ({ categories }: Shares): ComparedShare[] =>
  categories.filter(({ standing }) => standing === "surging").sort((a, b) => b.surplus - a.surplus);

/** Those that have far less than usual, most striking first. */
export const fallen = ({ categories }: Shares): ComparedShare[] =>
  categories.filter(({ standing }) => standing === "fallen").sort((a, b) => a.surplus - b.surplus);

/** A length that bars are drawn against: the least round share that none of the rows is above. */
export function barScale(rows: readonly ComparedShare[]): number {
  const most = rows.reduce((max, { now, usual }) => Math.max(max, now, usual ?? 0), 0.001);
  return (
    [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8].find(
      (step) => step >= most,
    ) ?? 1
  );
}
