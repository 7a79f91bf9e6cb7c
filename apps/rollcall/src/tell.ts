/** Tells whoever waits for a start what is being done. */
export const tell = (what: string): void => {
  console.log(`  ${what}`);
};
