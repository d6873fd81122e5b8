import { inspect } from 'node:util';

const mask = '***';

/**
 * A value that must not be seen: it prints as `***` in JSON, `util.inspect`, templates and concatenations.
 * The value itself is in a private field, so neither spreading nor walking the object reaches it.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it where it is used, and keep what it returns out of longer-lived objects. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.toPrimitive](): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}
