import { escaped, page } from './page.ts';

describe('a page', () => {
  it('shows text as text, whatever stands in it', () => {
    expect(escaped(`<img src="x" onerror='a()'>&amp;`)).toBe("&lt;img src=&quot;x&quot; onerror='a()'&gt;&amp;amp;");
    const html = page('<script>', '<p>body</p>');
    expect(html).toContain('<h1>&lt;script&gt;</h1><p>body</p>');
    expect(html).not.toContain('<script>');
  });
});
