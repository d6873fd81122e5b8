const dim = '\x1b[2m';
const bold = '\x1b[1m';
const off = '\x1b[0m';

/** Tells the story: chapters, and below each what happened, with the seconds since the story began. */
export class Narrator {
  private readonly began = Date.now();
  private chapters = 0;

  constructor(private readonly out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stdout) {}

  chapter(title: string): void {
    this.chapters += 1;
    this.out.write(`\n${this.style(bold, `${this.chapters}. ${title}`)}\n`);
  }

  /** One line; `since` is when what it tells began, as `Date.now()` says it. */
  say(text: string, since?: number): void {
    const took = since === undefined ? '' : this.style(dim, ` (${seconds(Date.now() - since)})`);
    this.out.write(`${this.style(dim, this.clock())}  ${text}${took}\n`);
  }

  get elapsed(): string {
    return seconds(Date.now() - this.began);
  }

  private clock(): string {
    return `${((Date.now() - this.began) / 1000).toFixed(1).padStart(6)} s`;
  }

  private style(code: string, text: string): string {
    return this.out.isTTY ? `${code}${text}${off}` : text;
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
}
