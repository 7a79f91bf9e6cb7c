/** Why a simulation ended without results. */
export type SimulatorCode =
  | 'simulator/too-large'
  | 'simulator/result-too-large'
  | 'simulator/timeout'
  | 'simulator/crashed'
  | 'simulator/stopped';

/** `message` is for the person whose job it was. */
export class SimulatorFailure extends Error {
  override readonly name = 'SimulatorFailure';
  readonly code: SimulatorCode;
  constructor(code: SimulatorCode, message: string) {
    super(message);
    this.code = code;
  }
}
