/** The first digits of the oldest Node that this runs on. */
export const NODE_MIN = 24;

/** Ends the process with a word when its Node is too old. Called before anything is loaded that would not even be read. */
export function requireNode(): void {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MIN) return;
  console.error(
    `Rollcall needs Node ${NODE_MIN}, and this is ${process.versions.node}. Run "npm ci" and start it through npm ("npm start"): that brings its own.`,
  );
  process.exit(78);
}
