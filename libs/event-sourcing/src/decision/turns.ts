/** Work on one subject, one after the other in the order of its asking; others are not waited for. A subject without work takes no memory. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Does it when all that was asked for before on this subject is done, well or badly. */
  async take<T>(subject: string, work: () => Promise<T>): Promise<T> {
    const mine = this.last.get(subject)?.then(work, work) ?? work();
    this.last.set(subject, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(subject) === mine) this.last.delete(subject);
    }
  }
}
