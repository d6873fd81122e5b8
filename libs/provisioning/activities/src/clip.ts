/** A text of at most `limit` characters; one that was longer ends in `…`. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // Half a character would be refused as no text.
  return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
