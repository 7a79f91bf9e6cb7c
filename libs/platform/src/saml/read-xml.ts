/** An element of a document. Nothing of it has been believed yet. */
export interface XmlElement {
  /** Its namespace's address; '' where it has none. */
  readonly namespace: string;
  readonly name: string;
  /** By their names as written, with prefix; without what declares namespaces. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own characters, joined: those of its children are theirs. */
  readonly text: string;
  /** Where it stands in the document: from its `<` to behind its last `>`. */
  readonly start: number;
  readonly end: number;
}

/** A text that is not the XML that may be sent: `message` says why, to whoever sent it. */
export class UnreadableXml extends Error {
  override readonly name = 'UnreadableXml';
}

/** Answers have 5, and nobody's parser is to be made to climb. */
const DEPTH_MAX = 32;
/** The metadata of AD FS has 400 elements, an answer about somebody in a thousand groups 1,050. To verify a signature costs 0.1 ms for each. */
const ELEMENTS_MAX = 2_000;
/** In all; and of one element, since parsers compare each with each other. */
const ATTRIBUTES_MAX = 5_000;
const ATTRIBUTES_PER_ELEMENT_MAX = 32;
const SPACE = '[ \\t\\n]';
const NAME = String.raw`(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*`;
const DECLARATION =
  /^<\?xml version=(["'])1\.[01]\1(?: +encoding=(["'])[Uu][Tt][Ff]-8\2)?(?: +standalone=(["'])(?:yes|no)\3)? *\?>/;
const TAG = new RegExp(
  String.raw`<(/?)(${NAME})((?:${SPACE}+${NAME}${SPACE}*=${SPACE}*(?:"[^"<]*"|'[^'<]*'))*)${SPACE}*(/?)>`,
  'y',
);
const ATTRIBUTE = new RegExp(String.raw`(${NAME})${SPACE}*=${SPACE}*(?:"([^"]*)"|'([^']*)')`, 'g');
const ATTRIBUTE_BEGINS = new RegExp(String.raw`=${SPACE}*["']`, 'g');
/** Others than XML's own five would need a DTD. The carriage return is Java's, which ends lines of base64 with it. */
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['#13', '\r'],
  ['#xD', '\r'],
]);
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
/** What XML 1.0 has no character for. */
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * The text of a document: UTF-8 and nothing else, with the line ends that every parser of XML makes of them.
 * @throws UnreadableXml
 */
export function xmlText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll(/\r\n?/g, '\n');
  } catch {
    throw new UnreadableXml('It is not text in UTF-8.');
  }
}

/**
 * Reads the XML that protocols exchange: elements, attributes, characters and the five entities of XML itself. Comments, CDATA, document types and
 * processing instructions are refused: two readers may see two texts in them, and only one of these is signed.
 * @returns the root
 * @throws UnreadableXml
 */
export function readXml(text: string): XmlElement {
  const from = DECLARATION.exec(text)?.[0].length ?? 0;
  if (text.includes('<!'))
    throw new UnreadableXml('It has a document type, a comment or CDATA, which are not read. Take them out.');
  if (text.includes('<?', from))
    throw new UnreadableXml('It has a processing instruction, which is not read. Take it out.');
  if (NO_CHARACTER.test(text)) throw new UnreadableXml('It has characters that XML has not.');
  if ((text.match(ATTRIBUTE_BEGINS)?.length ?? 0) > ATTRIBUTES_MAX)
    throw new UnreadableXml('It has too many attributes.');
  const document = open('', '', new Map([['xml', XML_NAMESPACE]]), new Map(), 0);
  readInto(document, text, from);
  const [root, second] = document.children;
  if (root === undefined || second !== undefined || /[^ \t\n]/.test(document.text))
    throw new UnreadableXml('It is not one element with all that it holds.');
  return root;
}

interface OpenElement extends XmlElement {
  readonly written: string;
  readonly prefixes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
  end: number;
}

const open = (
  namespace: string,
  written: string,
  prefixes: ReadonlyMap<string, string>,
  attributes: ReadonlyMap<string, string>,
  start: number,
): OpenElement => ({
  namespace,
  name: written.slice(written.indexOf(':') + 1),
  written,
  prefixes,
  attributes,
  children: [],
  text: '',
  start,
  end: start,
});

/** Reads all that follows into the document. */
function readInto(document: OpenElement, text: string, from: number): void {
  const around = [document];
  let at = from;
  for (let elements = 0; ;) {
    const inside = around.at(-1) ?? document;
    const next = text.indexOf('<', at);
    inside.text += unescaped(text.slice(at, next === -1 ? undefined : next));
    if (next === -1 && around.length > 1) throw new UnreadableXml(`It never closes ${inside.written}.`);
    if (next === -1) return;
    TAG.lastIndex = next;
    const [tag, isClosing = '', written = '', attributes = '', isEmpty = ''] = TAG.exec(text) ?? [];
    if (tag === undefined) throw new UnreadableXml(`It is not well-formed at character ${next}.`);
    at = TAG.lastIndex;
    if (isClosing !== '') {
      if (inside.written !== written || around.length === 1 || attributes !== '' || isEmpty !== '')
        throw new UnreadableXml(`</${written}> closes nothing at character ${next}.`);
      inside.end = at;
      around.pop();
      continue;
    }
    if (++elements > ELEMENTS_MAX || around.length > DEPTH_MAX) throw new UnreadableXml('It has too many elements.');
    const element = opened(written, attributes, inside.prefixes, next);
    inside.children.push(element);
    if (isEmpty === '') around.push(element);
    else element.end = at;
  }
}

function opened(written: string, text: string, around: ReadonlyMap<string, string>, start: number): OpenElement {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single = ''] of text.matchAll(ATTRIBUTE)) {
    if (attributes.has(name)) throw new UnreadableXml(`It says ${name} twice of one element.`);
    attributes.set(name, unescaped((double ?? single).replaceAll(/[\t\n]/g, ' ')));
  }
  if (attributes.size > ATTRIBUTES_PER_ELEMENT_MAX) throw new UnreadableXml('An element has too many attributes.');
  const prefixes = declared(attributes, around);
  for (const name of attributes.keys()) if (name.includes(':')) namespaceOf(name, prefixes);
  return open(namespaceOf(written, prefixes), written, prefixes, attributes, start);
}

/** The prefixes that hold within an element: what declares them is no attribute any more. */
function declared(attributes: Map<string, string>, around: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = [...attributes].filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
  for (const [name, namespace] of own) {
    attributes.delete(name);
    if (name === 'xmlns:xml' || name === 'xmlns:xmlns' || (namespace === '' && name !== 'xmlns'))
      throw new UnreadableXml(`It declares ${name}, which nobody may.`);
  }
  return own.length === 0
    ? around
    : new Map([...around, ...own.map(([name, value]) => [name.slice(6), value] as const)]);
}

function namespaceOf(written: string, prefixes: ReadonlyMap<string, string>): string {
  const colon = written.indexOf(':');
  const namespace = prefixes.get(colon === -1 ? '' : written.slice(0, colon));
  if (namespace === undefined && colon !== -1) throw new UnreadableXml(`It does not say what ${written} means.`);
  return namespace ?? '';
}

const unescaped = (text: string): string =>
  text.replaceAll(/&([^;]*);?/g, (entity, name: string) => {
    const character = entity.endsWith(';') ? ENTITIES.get(name) : undefined;
    if (character === undefined) throw new UnreadableXml('It has an entity that is not one of XML’s own five.');
    return character;
  });

/** An element and all within it, in the order of the document. */
export function* allWithin(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* allWithin(child);
}

/** The children of that name. */
export const childrenOf = (element: XmlElement | undefined, namespace: string, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.namespace === namespace && child.name === name) ?? [];

/** The child of that name, where there is exactly one. */
export function onlyChild(element: XmlElement | undefined, namespace: string, name: string): XmlElement | undefined {
  const [first, second] = childrenOf(element, namespace, name);
  return second === undefined ? first : undefined;
}
