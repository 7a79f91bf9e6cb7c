import fc from 'fast-check';
import { allWithin, childrenOf, onlyChild, readXml, UnreadableXml, xmlText } from './read-xml.ts';

describe('XML as protocols exchange it', () => {
  it('is elements with namespaces, attributes and characters', () => {
    const root = readXml(
      '<?xml version="1.0"?>\n<a xmlns="urn:a" xmlns:b="urn:b" one=\'1"\' b:two="&lt;&amp;"> x <b:c/>y&gt;</a>\n',
    );
    expect(root).toMatchObject({ namespace: 'urn:a', name: 'a', text: ' x y>' });
    expect([...root.attributes]).toEqual([
      ['one', '1"'],
      ['b:two', '<&'],
    ]);
    expect(onlyChild(root, 'urn:b', 'c')).toMatchObject({ text: '', children: [] });
  });

  it('has the five entities of XML, and Java’s carriage return in its two spellings', () => {
    const root = readXml('<a b="&quot;&apos;">&amp;&lt;&gt;&quot;&apos;&#13;&#xD;</a>');
    expect([root.text, root.attributes.get('b')]).toEqual([`&<>"'\r\r`, `"'`]);
  });

  it('knows the prefix xml without being told', () => {
    expect([...readXml('<a xml:lang="en"/>').attributes]).toEqual([['xml:lang', 'en']]);
  });

  it('goes as deep, and is as much, as is said', () => {
    const nested = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;
    const attributes = (count: number) => `<a ${Array.from({ length: count }, (_, n) => `a${n}=""`).join(' ')}/>`;
    const [most, more] = [
      [nested(32), attributes(32), `<a>${'<b/>'.repeat(1_999)}</a>`, `<a>${`<b c=""/>`.repeat(1_999)}</a>`],
      [nested(33), attributes(33), `<a>${'<b/>'.repeat(2_000)}</a>`, `<a>${`<b c="" d="" e=""/>`.repeat(1_667)}</a>`],
    ];
    for (const text of most) expect(readXml(text).name).toBe('a');
    for (const text of more) expect(() => readXml(text)).toThrow(/too many/);
  });

  it('says what it was that is not read', () => {
    expect(() => readXml('<a><!-- --></a>')).toThrow(/comment/);
    expect(() => readXml('<a><?x?></a>')).toThrow(/processing instruction/);
    expect(() => readXml('<a b=c/>')).toThrow('not well-formed at character 0');
  });

  it('has children by namespace and name, and an only one where there is no other', () => {
    const root = readXml('<a xmlns:x="urn:x"><b/><x:b/><c/><c/></a>');
    expect(childrenOf(root, '', 'b')).toHaveLength(1);
    expect(childrenOf(undefined, '', 'b')).toEqual([]);
    expect(onlyChild(root, 'urn:x', 'b')?.namespace).toBe('urn:x');
    expect(onlyChild(root, '', 'c')).toBeUndefined();
  });

  it('says where each element stands', () => {
    const text = '<a><b>x</b><c/></a>';
    expect([...allWithin(readXml(text))].map(({ start, end }) => text.slice(start, end))).toEqual([
      text,
      '<b>x</b>',
      '<c/>',
    ]);
  });

  it('has the namespaces of where it stands', () => {
    const root = readXml('<x:a xmlns:x="urn:1"><x:a xmlns:x="urn:2"/><x:a/><a xmlns="urn:3"><b xmlns=""/></a></x:a>');
    expect([...allWithin(root)].map(({ namespace }) => namespace)).toEqual(['urn:1', 'urn:2', 'urn:1', 'urn:3', '']);
  });

  it.each([
    ['nothing', ''],
    ['no element', 'x'],
    ['text before', 'x<a/>'],
    ['text behind', '<a/>x'],
    ['two roots', '<a/><b/>'],
    ['an end without a beginning', '</a>'],
    ['a beginning without an end', '<a><b></b>'],
    ['an end of another', '<a></b>'],
    ['an end with attributes', '<a></a b="">'],
    ['an attribute without quotes', '<a b=c/>'],
    ['an attribute without a value', '<a b/>'],
    ['an attribute behind another space than XML’s', '<a\u00a0b=""/>'],
    ['another space than XML’s behind it', '<a/>\u00a0'],
    ['an attribute twice', '<a b="" b=""/>'],
    ['attributes that touch', '<a b=""c=""/>'],
    ['< in an attribute', '<a b="<"/>'],
    ['a name that begins with a digit', '<1/>'],
    ['a prefix without meaning', '<x:a/>'],
    ['an attribute’s prefix without meaning', '<a x:b=""/>'],
    ['a prefix that is given no meaning', '<a xmlns:x=""/>'],
    ['xml with another meaning', '<a xmlns:xml="urn:x"/>'],
    ['the prefix of declarations declared', '<a xmlns:xmlns="urn:x"/>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['a comment', '<a><!-- --></a>'],
    ['CDATA', '<a><![CDATA[x]]></a>'],
    ['a processing instruction', '<a><?x?></a>'],
    ['a declaration that is not the first', ' <?xml version="1.0"?><a/>'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['a character by number', '<a>&#60;</a>'],
    ['a bare ampersand', '<a>x & y</a>'],
    ['an entity without an end', '<a>&amp</a>'],
    ['a character that XML has not', '<a>\u0000</a>'],
    ['too much depth', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`],
    ['too many elements', `<a>${'<b/>'.repeat(2_000)}</a>`],
    ['too many attributes in all', `<a>${`<b c="" d = "" e=''/>`.repeat(1_700)}</a>`],
    ['too many attributes of one', `<a ${Array.from({ length: 40 }, (_, n) => `a${n}=""`).join(' ')}/>`],
  ])('is refused where it is %s', (_what, text) => {
    expect(() => readXml(text)).toThrow(UnreadableXml);
  });

  it('is UTF-8, with the line ends of XML', () => {
    expect(xmlText(Buffer.from('\uFEFF<a>ü\r\nx\ry</a>'))).toBe('<a>ü\nx\ny</a>');
    expect(() => xmlText(Uint8Array.of(0xfc))).toThrow(UnreadableXml);
  });

  it('is read or refused in a sentence, whatever it is and however long', () => {
    const piece = fc.constantFrom(
      '<a',
      '</a>',
      '>',
      '/>',
      ' b="',
      '"',
      "'",
      ' ',
      '&',
      ';',
      'amp',
      '<?xml',
      'xmlns:a="u"',
      'a:',
      '=',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 1_000 }), (pieces, times) => {
        try {
          readXml(`<a>${pieces.join('').repeat(times)}</a>`);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableXml);
        }
      }),
    );
  });
});
