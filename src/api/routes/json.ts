/** The type of bodies that were made into JSON already. */
export const JSON_TYPE = "application/json; charset=utf-8";
