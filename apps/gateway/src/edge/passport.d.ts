/** What passport's strategies extend. Its published types are Express's, and bring Express along. */
declare module 'passport-strategy' {
  export class Strategy {
    authenticate(request: unknown): void;
    /** These are there while `authenticate` runs: who runs it puts them in. */
    success(principal: unknown): void;
    fail(why?: unknown): void;
    pass(): void;
    redirect(location: string, status?: number): void;
    error(error: unknown): void;
  }
}

/** The registry that strategies of ours are kept out of. */
declare module 'passport' {
  const registry: { readonly _strategies: object };
  export { registry as default };
}
