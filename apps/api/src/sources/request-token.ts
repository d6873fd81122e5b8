/**
 * Makes values of `samband.dev/requested-at`: the time in RFC 3339 with nine digits of fraction, of which the
 * last six are chance, so that replicas do not write the same value; never twice the same, never going back.
 *
 * @param random whole number below its argument
 */
export function createRequestTokens(wall: () => number, random: (below: number) => number): () => string {
  let last = 0n;
  return () => {
    const drawn = BigInt(Math.floor(wall())) * 1_000_000n + BigInt(random(1_000_000));
    last = drawn > last ? drawn : last + 1n;
    const seconds = new Date(Number(last / 1_000_000n)).toISOString().slice(0, 19);
    return `${seconds}.${(last % 1_000_000_000n).toString().padStart(9, '0')}Z`;
  };
}
