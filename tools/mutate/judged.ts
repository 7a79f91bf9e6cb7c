/** What a run of the specs came to: which mutant was awake, or that none was, and why a test failed. */
export interface Judged {
  readonly id: number | 'before' | 'after';
  readonly failure?: string | undefined;
}
