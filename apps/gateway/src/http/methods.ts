/** Which methods an address answers, for the refusal of another method. */
export class Methods {
  private readonly routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = [];

  /** A route as Fastify has taken it: words, `:names` and a last `*`. */
  add({ url, method }: { readonly url: string; readonly method: string | readonly string[] }): void {
    const pattern = url
      .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*');
    this.routes.push({ path: new RegExp(`^${pattern}$`), methods: typeof method === 'string' ? [method] : method });
  }

  /** In the order of their routes; none where there is nothing at this address. */
  of(path: string): readonly string[] {
    return [...new Set(this.routes.flatMap((route) => (route.path.test(path) ? route.methods : [])))];
  }
}
