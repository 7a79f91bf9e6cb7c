import type { Connection, Protocol } from './protocol.ts';

/** The protocol of each connection, for the origin at which people meet the installation. */
export abstract class Protocols {
  abstract of(connection: Connection, origin: string): Protocol;
  abstract metadata(connection: Connection, origin: string): string;
  abstract logout(
    connection: Connection,
    token: string,
    now: Date,
  ): Promise<{ readonly jti: string; readonly sub: string | undefined; readonly sid: string | undefined }>;
}
