/** A configuration that cannot be used; `faults` names every value and its mend. The process ends with 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  static readonly EXIT = 78;
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}
