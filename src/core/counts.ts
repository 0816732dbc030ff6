/** `1,234`. Not by `toLocaleString`: its first call loads the tables of all languages, which takes as long as ten files. */
export const groupDigits = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** `1,234 files`. */
export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${groupDigits(count)} ${count === 1 ? one : many}`
