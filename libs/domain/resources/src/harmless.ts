/** Characters that steer a terminal, break a line or turn the direction of the text around them. */
const steering = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** A text that somebody else wrote, as it may be shown anywhere: what steers is written as an escape. */
export function harmless(text: string): string {
  return text.replace(steering, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
