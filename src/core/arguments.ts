/** True when a text, a secret first of all, stands in this process's arguments, where everybody on the machine can see it. */
export const standsInArguments = (text: string): boolean =>
  process.argv.slice(2).some((word) => word.includes(text));
