import type { ErrorCode, YAMLError } from 'yaml';

/**
 * What the parser's errors mean, in our own words: its own repeat the text that they are about, and where somebody
 * forgot quotes that is a password.
 */
const sentences: Record<ErrorCode, string> = {
  ALIAS_PROPS:
    'an alias has no anchor or tag of its own: a value that begins with & or ! must stand in quotes',
  BAD_ALIAS: 'the name of an anchor is missing: a value that begins with & or * must stand in quotes',
  BAD_COLLECTION_TYPE: 'a tag stands before a value of another type: remove it',
  BAD_DIRECTIVE: 'a line that begins with % is none that YAML knows: remove it, or indent it',
  BAD_DQ_ESCAPE: String.raw`a text in double quotes has a wrong escape: write \\ for \, or use single quotes`,
  BAD_INDENT: 'the indentation fits nothing above it: align what belongs together',
  BAD_PROP_ORDER: 'an anchor or tag stands before the sign that it belongs behind: move it',
  BAD_SCALAR_START: 'a value begins with a sign that none may begin with: it must stand in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a mapping or list begins where a value was expected: a value with ": " or "- " must stand in quotes',
  BLOCK_IN_FLOW: 'a mapping or list of lines stands inside brackets: write it in brackets too',
  DUPLICATE_KEY: 'a key stands twice in one mapping: remove one',
  IMPOSSIBLE: 'the text cannot be read here: put values with signs in them into quotes',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters: a value with ": " must stand in quotes',
  MISSING_CHAR:
    'a sign is missing, such as a closing quote or bracket, a comma, a colon, or a space: add it, or put the value into quotes',
  MULTILINE_IMPLICIT_KEY:
    'a key reaches over several lines: write it on one, or put the value above it into quotes',
  MULTIPLE_ANCHORS: 'two anchors stand before one value: a value that begins with & must stand in quotes',
  MULTIPLE_DOCS: 'a second document begins here: put --- before it',
  MULTIPLE_TAGS: 'two tags stand before one value: a value that begins with ! must stand in quotes',
  NON_STRING_KEY: 'a key must be a text or an integer: quote it',
  RESOURCE_EXHAUSTION: 'too many values inside each other: flatten it',
  TAB_AS_INDENT: 'a tab indents: use spaces',
  TAG_RESOLVE_FAILED: 'a tag is not taken: remove it; a value that begins with ! must stand in quotes',
  UNEXPECTED_TOKEN: 'a sign stands where none may: put the value into quotes, or correct the indentation',
};

const afterBlockSign =
  'after > or | the text begins on the next line: a value that begins with one of them must stand in quotes';

export function sayYamlMistake({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  // Of the many mistakes of this code the one that is made with passwords; only the parser's message tells it.
  return message.startsWith('Block scalar header') ? afterBlockSign : sentences[code];
}
