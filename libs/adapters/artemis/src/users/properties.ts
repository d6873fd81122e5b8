/** Lines of a Java properties file (ISO 8859-1, so everything beyond ASCII is escaped), sorted by key. */
export function renderProperties(entries: ReadonlyMap<string, string>): string {
  return [...entries.keys()]
    .sort()
    .map((key) => `${escape(key, true)}=${escape(entries.get(key) ?? '', false)}\n`)
    .join('');
}

/** See `java.util.Properties.load`: what begins a comment, ends a key, continues a line or starts an escape. */
function escape(text: string, isKey: boolean): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) result += `\\u${code.toString(16).padStart(4, '0')}`;
    else if (character === '\\') result += '\\\\';
    else if (isKey && '=:#! '.includes(character)) result += `\\${character}`;
    else if (index === 0 && character === ' ') result += '\\ ';
    else result += character;
  }
  return result;
}
