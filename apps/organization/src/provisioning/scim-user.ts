import { Problem } from '#platform';
import { z } from 'zod';

const text = z.string().max(1_000);
const email = z.object({ value: text, type: text.optional(), primary: z.boolean().optional() });
const attributes = z.object({
  userName: text.min(1),
  externalId: text.min(1).optional(),
  displayName: text.optional(),
  name: z.object({ formatted: text, givenName: text, familyName: text }).partial().optional(),
  emails: z.array(email).max(20).optional(),
  active: z.boolean(),
});

/** What is kept of a user of RFC 7643 section 4.1; everything else that a provider sends is accepted and not kept. */
export type ScimAttributes = z.output<typeof attributes>;

const OPERATIONS_MAX = 1_000;
const operation = z.object({ op: z.string(), path: z.string().optional(), value: z.unknown().optional() });
type Draft = Record<string, unknown>;

const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:user:/i;
const PATH = /^([a-z$_][\w$-]*)(?:\[\s*([\w.]+)\s+eq\s+(?:"([^"\\]*)"|(true|false))\s*\])?(?:\.([a-z$][\w$-]*))?$/i;
/** Attributes that are kept, by their names in small letters: names are of any case (RFC 7643 section 2.1). */
const KEPT = new Map(
  ['userName', 'externalId', 'displayName', 'name', 'emails', 'active', 'formatted', 'givenName', 'familyName']
    .concat(['value', 'type', 'primary'])
    .map((name) => [name.toLowerCase(), name]),
);

/** The user that a provider describes, whole. @throws Problem `request/invalid` */
export const readScimUser = (body: string): ScimAttributes =>
  checked(change({ active: true }, 'replace', undefined, objectOf(parsed(body))));

/** The user after the changes of a PATCH (RFC 7644 section 3.5.2), as Entra and Okta write them. @throws Problem `request/invalid` */
export function patchScimUser(user: ScimAttributes, body: string): ScimAttributes {
  const entries = new Map(Object.entries(objectOf(parsed(body))).map(([name, value]) => [name.toLowerCase(), value]));
  const operations = z.array(operation).min(1).max(OPERATIONS_MAX).safeParse(entries.get('operations'));
  if (!operations.success) throw invalid('A PATCH has `Operations`, each with `op` and most with `path` and `value`.');
  return checked(
    operations.data.reduce<Draft>((draft, { op, path, value }) => change(draft, op.toLowerCase(), path, value), {
      ...user,
    }),
  );
}

function change(draft: Draft, op: string, path: string | undefined, value: unknown): Draft {
  if (op !== 'add' && op !== 'replace' && op !== 'remove') throw invalid('`op` is add, replace or remove.');
  if (path === undefined || path === '') {
    if (op === 'remove') throw invalid('A removal says by `path` what is removed.', 'noTarget');
    return Object.entries(objectOf(value)).reduce((so, [name, each]) => change(so, op, name, each), draft);
  }
  const own = path.replace(CORE, '');
  // Of an extension: nothing of it is kept.
  if (/^urn:/i.test(own)) return draft;
  const [, attribute = '', by, isText, isTrue, part] = PATH.exec(own) ?? [];
  if (attribute === '')
    throw invalid('A path names an attribute, such as `active` or `emails[type eq "work"].value`.', 'invalidPath');
  const name = KEPT.get(attribute.toLowerCase());
  if (name === 'emails') {
    const matches = by === undefined ? undefined : { by: by.toLowerCase(), is: isText ?? isTrue === 'true' };
    return { ...draft, emails: changedEmails(draft.emails, op, matches, part, value) };
  }
  if (name === 'name') return { ...draft, name: changedName(draft.name, op, part, value) };
  if (name === 'active') return op === 'remove' ? draft : { ...draft, active: truth(value) };
  if (name !== 'userName' && name !== 'externalId' && name !== 'displayName') return draft;
  return { ...draft, [name]: op === 'remove' || value === null || value === '' ? undefined : value };
}

function changedName(before: unknown, op: string, part: string | undefined, value: unknown): unknown {
  if (op === 'remove' && part === undefined) return undefined;
  const changes =
    part === undefined ? named(objectOf(value ?? {})) : named({ [part]: op === 'remove' ? undefined : value });
  return { ...(op === 'replace' && part === undefined ? {} : objectOf(before ?? {})), ...changes };
}

interface Matching {
  readonly by: string;
  readonly is: string | boolean;
}

function changedEmails(
  before: unknown,
  op: string,
  matching: Matching | undefined,
  part: string | undefined,
  value: unknown,
): unknown {
  const emails = (Array.isArray(before) ? before : []) as Draft[];
  if (matching === undefined) {
    if (op === 'remove') return [];
    const given = (Array.isArray(value) ? value : [value ?? {}]).map((each) => emailOf(objectOf(each)));
    return op === 'replace' ? given : [...emails, ...given];
  }
  const isMeant = (each: Draft) => each[matching.by] === matching.is;
  if (op === 'remove') return emails.filter((each) => !isMeant(each));
  const changes = part === undefined ? emailOf(objectOf(value)) : emailOf({ [part]: value });
  // Entra sets the address of a type that the user has none of yet.
  if (!emails.some(isMeant)) return [...emails, { [matching.by]: matching.is, ...changes }];
  return emails.map((each) => (isMeant(each) ? { ...each, ...changes } : each));
}

function emailOf(email: Draft): Draft {
  const { primary, ...rest } = named(email);
  return { ...rest, ...(primary === undefined ? {} : { primary: truth(primary) }) };
}

/** With the names of RFC 7643; what is not kept left out. */
const named = (value: Draft): Draft =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      const known = KEPT.get(name.toLowerCase());
      return known === undefined || each === null ? [] : [[known, each]];
    }),
  );

/** Entra writes truth as the text "True" or "False". */
function truth(value: unknown): boolean {
  const said = typeof value === 'string' ? value.toLowerCase() : value;
  if (said === true || said === 'true') return true;
  if (said === false || said === 'false') return false;
  throw invalid('`active` and `primary` are true or false.');
}

function checked(draft: Draft): ScimAttributes {
  const found = attributes.safeParse(draft);
  if (found.success) return found.data;
  const at = found.error.issues[0];
  throw invalid(`${at?.path.join('.') ?? 'The user'}: ${at?.message ?? 'is not as it must be'}`);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalid('The body is no JSON.', 'invalidSyntax');
  }
}

function objectOf(value: unknown): Draft {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('An object belongs here.');
  return value as Draft;
}

const invalid = (detail: string, scimType = 'invalidValue') => new Problem('request/invalid', detail, { scimType });
