/** What a gateway may answer from, as it tells operators: the gate provides it. */
export abstract class Memory {
  /** Whether it may be used now. */
  abstract readonly leased: boolean;
  /** Keys in it. */
  abstract readonly keys: number;
}
