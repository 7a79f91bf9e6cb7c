/** A session without a person ends after this long, where its account wants that (ASVS 5.0, 7.3). */
export const IDLE_MS = 30 * 60_000;
