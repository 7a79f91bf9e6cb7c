import type { Answer } from '#testing';

/** What an answer of the product may hold, of all that is looked at here. */
export interface AnswerBody {
  readonly id: string;
  readonly name?: string;
  readonly status?: string;
  readonly code?: string;
  readonly key: { readonly id: string };
  readonly secret: string;
  readonly items: readonly { readonly id: string; readonly name: string }[];
  readonly next: string | null;
}

/** The body, as far as it has come: what is missing shows in the comparison. */
export const bodyOf = ({ body }: Answer): AnswerBody => body as AnswerBody;
