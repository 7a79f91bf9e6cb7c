/** The result of work, if it comes in time. The work itself goes on. @throws when it does not. */
export async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  if (ms <= 0) throw new Error('no time is left');
  let late: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work(),
      new Promise<never>((_, failed) => {
        late = setTimeout(() => {
          failed(new Error('it took too long'));
        }, ms);
      }),
    ]);
  } finally {
    clearTimeout(late);
  }
}
