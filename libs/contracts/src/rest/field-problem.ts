import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const FORMS: Readonly<Record<string, string>> = {
  uuid: 'an id such as 01890a5d-ac96-774b-bcce-b302099a8057',
  email: 'an address such as ada@example.com',
  datetime: 'an instant such as 2026-11-29T12:00:00Z',
  url: 'an address such as https://example.com',
};

/** What is wrong with a field, worded for the person who sent it; undefined where the schema has said it better. */
export function fieldProblem(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return amount(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return amount(issue.origin, 'at most', issue.maximum);
    case 'invalid_format':
      return FORMS[issue.format] === undefined
        ? 'does not have the form that it must have'
        : `must be ${FORMS[issue.format]}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the forms that it may have';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `must be ${oneOf(issue.values.map(String))}`;
    default:
      return undefined;
  }
}

function amount(origin: string, bound: string, many: number | bigint): string {
  const one = Number(many) === 1;
  if (origin === 'string') {
    if (bound === 'at least' && one) return 'must not be empty';
    return `must have ${bound} ${many} character${one ? '' : 's'}`;
  }
  if (origin === 'array') return `must have ${bound} ${many} entr${one ? 'y' : 'ies'}`;
  return `must be ${bound} ${many}`;
}

const oneOf = (values: readonly string[]) =>
  values.length === 1 ? (values[0] ?? '') : `one of ${values.slice(0, 20).join(', ')}`;
