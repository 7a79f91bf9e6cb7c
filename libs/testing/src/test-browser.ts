/** A page as somebody sees it: where they are, and the form that they can send from there. */
export interface Page {
  readonly url: URL;
  readonly html: string;
  readonly form: { readonly action: URL; readonly fields: Readonly<Record<string, string>> } | undefined;
}

/**
 * As much of a browser as a provider's sign-in needs: cookies, redirects, the first form of a page. It goes to one origin alone: where it
 * is sent elsewhere, it stands there with an empty page.
 */
export class TestBrowser {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly origin: string) {}

  open(url: URL): Promise<Page> {
    return this.go(url);
  }

  /** Sends the form of a page with what was typed in. */
  submit({ form, html }: Page, typed: Readonly<Record<string, string>> = {}): Promise<Page> {
    if (!form) throw new Error(`there is no form on this page: ${html.slice(0, 500)}`);
    return this.go(form.action, new URLSearchParams({ ...form.fields, ...typed }));
  }

  private async go(url: URL, body?: URLSearchParams): Promise<Page> {
    if (url.origin !== this.origin) return { url, html: '', form: undefined };
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie }, ...(body && { method: 'POST', body }) });
    for (const set of answer.headers.getSetCookie()) this.keep(set);
    const location = answer.headers.get('location');
    if (location !== null) return this.go(new URL(location, url));
    const html = await answer.text();
    return { url, html, form: formIn(html, url) };
  }

  private keep(set: string) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    if (value === '' || /max-age=0(;|$)/i.test(set)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

function formIn(html: string, at: URL): Page['form'] {
  const [form = ''] = /<form[^]*?<\/form>/i.exec(html) ?? [];
  const action = attribute(form, 'action');
  if (action === undefined) return undefined;
  const inputs = [...form.matchAll(/<input[^>]*>/gi)].map(([input]): [string, string] => [
    attribute(input, 'name') ?? '',
    attribute(input, 'value') ?? '',
  ]);
  return { action: new URL(action, at), fields: Object.fromEntries(inputs.filter(([name]) => name !== '')) };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>' };

function attribute(tag: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag) ?? [];
  return value
    ?.replaceAll(/&#x([\da-f]+);/gi, (_entity, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/&(amp|quot|lt|gt);/g, (_entity, entity: string) => ENTITIES[entity] ?? '');
}
