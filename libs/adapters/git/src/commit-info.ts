import { shorten } from './shorten.js';

export interface CommitInfo {
  readonly author: string;
  readonly subject: string;
}

/** Reads a commit object. It is text of anyone: shortened, on one line, without control characters. */
export function parseCommit(content: Buffer): CommitInfo {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const headers = end < 0 ? text : text.slice(0, end);
  const author = /^author (.*) \d+ [-+]\d{4}$/m.exec(headers)?.[1] ?? '';
  const message = end < 0 ? '' : text.slice(end + 2).trimStart();
  return { author: oneLine(author), subject: oneLine(message.split('\n', 1).join('')) };
}

function oneLine(text: string): string {
  return shorten(text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').trim(), 200);
}
