/** The beginning of a text, with no half of a character at its end: the API server takes none. */
export function shorten(text: string, max: number): string {
  return text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
}
