import { connect, type Socket } from 'node:net';

/** A request, ready for the wire. What its answer must be is kept by the caller that judges it. */
export interface Shot {
  readonly bytes: Buffer;
}

/** Hears each answer: its status, its body, and when its request was handed to the kernel (by `performance.now()`). */
export type Judge<S extends Shot> = (shot: S, status: number, body: string, sentAt: number) => void;

const RECONNECT_MS = 20;

/**
 * Connections of which each carries one request at a time, so that the instant of every single one is known. A request that is
 * cut off counts as lost, never as answered; its connection is made anew.
 */
export class Connections<S extends Shot> {
  lost = 0;
  answered = 0;
  private readonly idle: Connection<S>[] = [];
  private readonly all: Connection<S>[];

  constructor(
    readonly port: number,
    connections: number,
    readonly judge: Judge<S>,
    private readonly freed: () => void = () => undefined,
  ) {
    this.all = Array.from({ length: connections }, () => new Connection<S>(this));
  }

  /** Sends it at once, if a connection is free. `due` is when it should have been sent; how long it took since is told to `took`. */
  fire(shot: S, due: number, took?: (ms: number) => void): boolean {
    const connection = this.idle.pop();
    connection?.fire(shot, due, took);
    return connection !== undefined;
  }

  free(connection: Connection<S>): void {
    this.idle.push(connection);
    this.freed();
  }

  unfree(connection: Connection<S>): void {
    const at = this.idle.indexOf(connection);
    if (at !== -1) this.idle.splice(at, 1);
  }

  get busy(): number {
    return this.all.filter((connection) => connection.isBusy).length;
  }

  close(): void {
    for (const connection of this.all) connection.close();
  }
}

class Connection<S extends Shot> {
  private socket: Socket;
  private shot: S | undefined;
  private due = 0;
  private sentAt = 0;
  private took: ((ms: number) => void) | undefined;
  private text = '';
  private closed = false;

  constructor(private readonly owner: Connections<S>) {
    this.socket = this.open();
  }

  get isBusy(): boolean {
    return this.shot !== undefined;
  }

  fire(shot: S, due: number, took?: (ms: number) => void): void {
    this.shot = shot;
    this.due = due;
    this.took = took;
    this.sentAt = performance.now();
    this.socket.write(shot.bytes);
  }

  close(): void {
    this.closed = true;
    this.socket.destroy();
  }

  private open(): Socket {
    return connect({ port: this.owner.port, host: '127.0.0.1', noDelay: true })
      .on('connect', () => {
        this.owner.free(this);
      })
      .on('data', (chunk) => {
        this.heard(chunk);
      })
      .on('error', () => undefined)
      .on('close', () => {
        this.cut();
      });
  }

  private heard(chunk: Buffer) {
    this.text += chunk.toString('latin1');
    const head = this.text.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.text)?.[1] ?? 0);
    if (this.text.length < head + 4 + length) return;
    const [shot, text] = [this.shot, this.text];
    this.text = '';
    this.shot = undefined;
    if (!shot) return;
    this.took?.(performance.now() - this.due);
    this.owner.answered++;
    this.owner.judge(shot, Number(text.slice(9, 12)), text, this.sentAt);
    this.owner.free(this);
  }

  private cut() {
    if (this.shot) this.owner.lost++;
    this.shot = undefined;
    this.text = '';
    this.owner.unfree(this);
    if (!this.closed)
      setTimeout(() => {
        if (!this.closed) this.socket = this.open();
      }, RECONNECT_MS);
  }
}
