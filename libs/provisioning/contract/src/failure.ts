/** How a step failed, as workflows pass it on: a code of the error catalogue, and whether trying again can help. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retry: 'never' | 'later';
}
