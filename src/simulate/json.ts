/** JSON as the retired API wrote it: no spaces, `/` as `\/`, other characters as they are. */
export const apiJson = (value: unknown): string => JSON.stringify(value).replaceAll("/", "\\/");
