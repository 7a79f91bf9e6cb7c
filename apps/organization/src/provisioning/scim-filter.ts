import { Problem } from '#platform';

const EQUALS = /^\s*(userName|externalId)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i;

/** Which users are meant, by one attribute. */
export interface ScimFilter {
  readonly attribute: 'userName' | 'externalId';
  readonly value: string;
}

/** Reads `userName eq "…"` and `externalId eq "…"`, all that providers ask by (RFC 7644 section 3.4.2.2). @throws Problem `scim-user/filter-unsupported` */
export function readScimFilter(filter: string): ScimFilter {
  const [, attribute, quoted = ''] = EQUALS.exec(filter.slice(0, 2_100)) ?? [];
  const value = unquoted(quoted);
  if (attribute === undefined || value === undefined)
    throw new Problem(
      'scim-user/filter-unsupported',
      'Users are found by `userName eq "…"` or `externalId eq "…"`, one of the two.',
    );
  return { attribute: attribute.toLowerCase() === 'username' ? 'userName' : 'externalId', value };
}

function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
