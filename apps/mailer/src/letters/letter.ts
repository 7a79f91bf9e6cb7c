import type { Brand } from '#platform';

/**
 * What a letter may contain: our own origin and brand, ids and instants, the token of its link, and a domain that its organization has proved. No text that a
 * person typed, or strangers could send theirs through us: but for the names of a key and its project, which go to nobody but whoever made
 * the key, in that project.
 */
export interface LetterFields {
  readonly origin: string;
  readonly brand: Pick<Brand, 'name' | 'accent' | 'supportUrl' | 'mailFooter'>;
  readonly token: string | undefined;
  readonly suspendAt?: string;
  readonly reason?: 'inactivity' | 'operator';
  /** Who decided it. */
  readonly by?: 'owner' | 'operator';
  /** Of a second factor. */
  readonly kind?: 'authenticator' | 'passkey';
  /** How many recovery codes there are still. */
  readonly left?: number;
  /** Whom it is about, where that is somebody else. */
  readonly accountId?: string;
  /** From when on what was approved can be done. */
  readonly dueAt?: string;
  /** From when on a second factor is demanded. */
  readonly from?: string;
  /** A domain of the organization, as DNS writes it: where nothing else is said, that of the address that the letter goes to. Since when its proof is missing. */
  readonly domain?: string;
  readonly since?: string;
  /** When the last certificate of a provider ends, or a key. */
  readonly expiresAt?: string;
  readonly keyId?: string;
  readonly keyName?: string;
  readonly projectName?: string;
  /** Until a key expires, begun days counted whole. */
  readonly daysLeft?: number;
}

/** A mail without its address. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Letter {
  readonly subject: string;
  readonly before: readonly string[];
  readonly link: { readonly label: string; readonly url: string };
  readonly after: readonly string[];
}

/** One letter, as plain text and as HTML. */
export function compose({ subject, before, link, after }: Letter, { origin, brand }: LetterFields): Mail {
  const help = brand.supportUrl === null ? '' : ` Help: ${brand.supportUrl}`;
  const footer =
    (brand.mailFooter ??
      `This message was sent by ${brand.name} (${new URL(origin).host}) because something happened that you should know of. Nobody reads replies to it.`) +
    help;
  const text = ['Hello,', ...before, `${link.label}:\n${link.url}`, ...after, `-- \n${footer}`].join('\n\n');
  const paragraph = (line: string) => `<p>${escape(line)}</p>`;
  const html = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(subject)}</title></head>`,
    '<body style="font-family: system-ui, sans-serif; line-height: 1.5; color: #1a1a1a; max-width: 36em; margin: 2em auto; padding: 0 1em">',
    ...['Hello,', ...before].map(paragraph),
    `<p><a href="${escape(link.url)}" style="display: inline-block; padding: .6em 1.2em; background: ${brand.accent.light}; color: #fff; border-radius: .4em; text-decoration: none">${escape(link.label)}</a></p>`,
    `<p style="font-size: .85em; color: #555">If the button does not work, open this address: ${escape(link.url)}</p>`,
    ...after.map(paragraph),
    `<p style="font-size: .85em; color: #555">${escape(footer)}</p></body></html>`,
  ].join('\n');
  return { subject, text, html };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** The token stands in the fragment, which no server and no log ever sees. */
export const tokenLink = (told: LetterFields, page: string): string =>
  `${told.origin}/${page}#token=${encodeURIComponent(needed(told, 'token'))}`;

/** A field that a letter makes no sense without. */
export function needed<K extends keyof LetterFields>(told: LetterFields, field: K): NonNullable<LetterFields[K]> {
  const value = told[field];
  if (value === undefined) throw new Error(`a letter needs ${field}`);
  return value;
}

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });

/** `Wednesday 1 July 2026 at 00:00 UTC`. */
export const dateAndZone = (instant: string): string => `${DATE.format(new Date(instant))} UTC`;
