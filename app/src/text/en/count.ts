/** @file Counted nouns in English: "1 day", "3 days", "1,440 recordings". */
const numbers = new Intl.NumberFormat("en");

export function n(count: number, singular: string, plural = `${singular}s`): string {
  return `${numbers.format(count)} ${count === 1 ? singular : plural}`;
}
