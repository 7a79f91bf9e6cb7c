import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '#local-servers';

/** The network between two programs of a test, to be broken and mended. It keeps its port all the while. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private isSilent = false;
  private constructor(
    readonly port: number,
    private readonly host: string,
    private hostPort: number,
  ) {}

  /** @param target host and port, as in `127.0.0.1:5432` */
  static async to(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(`tcp://${target}`);
    const proxy = new TcpProxy(await freePort(), hostname, Number(port));
    await proxy.mend();
    return proxy;
  }

  /** As when the other side is gone: what is open breaks, and who tries anew is refused. */
  async cut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = server && new Promise((done) => server.close(done));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** As a name that leads to another server from now on: what is open breaks. */
  async lead(hostPort: number): Promise<void> {
    await this.cut();
    this.hostPort = hostPort;
    await this.mend();
  }

  /** As when packets are lost: what is under way stays there, and neither side hears of it. */
  silence(): void {
    this.isSilent = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Silent connections go on; clients that were cut off may come again. */
  async mend(): Promise<void> {
    this.isSilent = false;
    for (const socket of this.sockets) socket.resume();
    if (this.server) return;
    const server = createServer((near) => {
      this.join(near, connect(this.hostPort, this.host));
    });
    this.server = server;
    await new Promise<void>((listening) => server.listen(this.port, '127.0.0.1', listening));
  }

  private join(near: Socket, far: Socket) {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from
        .on('data', (chunk) => to.write(chunk))
        .on('error', () => to.destroy())
        .on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      if (this.isSilent) from.pause();
    }
  }
}
