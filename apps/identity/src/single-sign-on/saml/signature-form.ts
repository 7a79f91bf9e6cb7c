import { DSIG, onlyChild, type XmlElement } from '#platform';
import { demand } from './checks.ts';

const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SIGNED_BY = [
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
];
const DIGESTED_BY = ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512'];

/**
 * Takes the one form in which providers sign, and no other that verifies as well: each more is a way to move what is signed.
 * @param signable may carry a signature, one each
 * @returns those that do
 * @throws ProviderRefused
 */
export function demandFormOfSignatures(
  all: readonly XmlElement[],
  signable: readonly XmlElement[],
): ReadonlySet<XmlElement> {
  const signatures = all.filter(({ name }) => name === 'Signature');
  const signed = signable.filter((parent) => parent.children.some((child) => signatures.includes(child)));
  // As many as parents that have one: so each stands on one of these, and none beside another.
  demand(signed.length === signatures.length, 'signature-place');
  for (const parent of signed) {
    const signature = onlyChild(parent, DSIG, 'Signature');
    demand(signature !== undefined, 'signature-place');
    demandForm(signature, parent);
  }
  return new Set(signed);
}

function demandForm(signature: XmlElement, parent: XmlElement): void {
  // In this order: what verifies takes the first method that it finds, wherever.
  demand(
    ['SignedInfo SignatureValue', 'SignedInfo SignatureValue KeyInfo'].includes(partsOf(signature)),
    'signature-form',
  );
  const [info, value] = signature.children;
  demand(
    partsOf(info) === 'CanonicalizationMethod SignatureMethod Reference' && partsOf(value) === '',
    'signature-form',
  );
  const [canonicalization, method, reference] = info?.children ?? [];
  demand(partsOf(reference) === 'Transforms DigestMethod DigestValue', 'signature-form');
  const [transforms, digestMethod, digest] = reference?.children ?? [];
  demand(
    [method, digestMethod, digest].every((part) => partsOf(part) === ''),
    'signature-form',
  );
  const id = parent.attributes.get('ID') ?? '';
  demand(id !== '' && reference?.attributes.get('URI') === `#${id}`, 'signature-form');
  const steps = transforms?.children.map(algorithmOf).join(' ');
  demand(partsOf(transforms) === 'Transform Transform' && steps === `${ENVELOPED} ${EXCLUSIVE}`, 'algorithm');
  demand(algorithmOf(canonicalization) === EXCLUSIVE, 'algorithm');
  demand(SIGNED_BY.includes(algorithmOf(method)) && DIGESTED_BY.includes(algorithmOf(digestMethod)), 'algorithm');
}

const algorithmOf = (element: XmlElement | undefined) => element?.attributes.get('Algorithm') ?? '';

/** The names of an element's children in order; of another namespace than signatures: with that. */
const partsOf = (element: XmlElement | undefined): string =>
  element?.children.map(({ namespace, name }) => (namespace === DSIG ? name : `{${namespace}}${name}`)).join(' ') ??
  '?';
