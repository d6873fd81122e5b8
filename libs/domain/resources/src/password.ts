/** A line break at the end of a value is an editor's, or `echo`'s: nobody types one. */
export function withoutLineEnd(text: string): string {
  return text.replace(/[\r\n]+$/u, '');
}

/**
 * Why clients could not agree on a password; `undefined` when they do. A client of SCRAM may prepare what was typed
 * (SASLprep, RFC 4013; PRECIS, RFC 8265) or not, one of PLAIN sends it as it is, and the broker compares bytes. So only
 * what stays the same when it is prepared logs in with every client.
 */
export function passwordFault(password: string): string | undefined {
  if (password === '') return 'is empty, or a line break and nothing else';
  if (password.includes('\uFFFD')) return 'is no text in UTF-8';
  if (/[\r\n]/u.test(password)) return 'holds a line break';
  if (invisible.test(password)) return 'holds characters that cannot be seen or typed';
  if (password.normalize('NFKC') !== password)
    return 'holds characters that clients write in two ways (letters composed of parts, ligatures, wide forms, spaces other than the usual)';
  return undefined;
}

/** What SASLprep forbids or leaves out: controls, joiners, variation selectors, private and unassigned characters. */
const invisible = /[\p{C}\p{Zl}\p{Zp}\u034F\u1806\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u1680]/u;
