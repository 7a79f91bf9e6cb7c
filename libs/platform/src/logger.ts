import type { LoggerService } from '@nestjs/common';
import { type Logger, pino, type DestinationStream } from 'pino';

export type { Logger };

const REDACTED = ['password', 'token', 'secret', 'authorization', 'cookie', 'email', 'name', 'network', 'sessionToken', 'digest'].flatMap((field) => [field, `*.${field}`]);

/** JSON lines. Fields that may hold secrets or personal data are masked, should one ever get here. */
export const makeLogger = (level = 'info', destination?: DestinationStream): Logger =>
  pino({ level, redact: { paths: REDACTED, censor: '[redacted]' }, timestamp: () => `,"time":"${new Date().toISOString()}"` }, destination ?? pino.destination(2));

/** What may be said of an error: its kind, code and message. Database errors keep row values in other fields, which are left out. */
export function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  return { error: error.name, message: error.message, ...('code' in error ? { code: error.code } : {}), stack: error.stack?.split('\n').slice(1, 6).map((line) => line.trim()) };
}

/** Nest's own words, to the same log. Its start-up chatter is kept for debugging. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown): void { this.logger.debug(String(message)); }
  debug(message: unknown): void { this.logger.debug(String(message)); }
  verbose(message: unknown): void { this.logger.trace(String(message)); }
  warn(message: unknown): void { this.logger.warn(String(message)); }
  error(message: unknown): void { this.logger.error(message instanceof Error ? errorFields(message) : String(message)); }
  fatal(message: unknown): void { this.logger.fatal(String(message)); }
}
