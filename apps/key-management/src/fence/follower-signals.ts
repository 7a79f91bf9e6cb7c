import { Doorbell } from '#event-sourcing';

/** What gateways have said of themselves to this process: heard before it is written, so that whoever waits here need not read. */
export class FollowerSignals {
  private readonly bell = new Doorbell();
  private readonly said = new Map<string, { epoch: number; applied: number }>();

  /** A gateway has applied all up to this. What was said before stands when it was more. */
  tell(instance: string, epoch: number, applied: number): void {
    const before = this.said.get(instance);
    if (before && (before.epoch > epoch || (before.epoch === epoch && before.applied >= applied))) return;
    this.said.set(instance, { epoch, applied });
    this.bell.heard();
  }

  forget(instance: string): void {
    this.said.delete(instance);
  }

  applied(instance: string, epoch: number): number {
    const said = this.said.get(instance);
    return said?.epoch === epoch ? said.applied : -1;
  }

  /** Another process may have heard something. */
  ring(): void {
    this.bell.heard();
  }

  get heard(): number {
    return this.bell.rings;
  }

  /** Until somebody says something (true), or the time is over. */
  wait(timeoutMs: number, since: number): Promise<boolean> {
    return this.bell.wait(timeoutMs, since);
  }
}
