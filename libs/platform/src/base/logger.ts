import { withoutValues } from '#event-sourcing';
import type { LoggerService } from '@nestjs/common';
import { type Logger, pino, type DestinationStream } from 'pino';

export type { Logger };

const REDACTED = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'email',
  'name',
  'network',
  'sessionToken',
  'digest',
].flatMap((field) => [field, `*.${field}`]);

/** Of what cannot be written: what comes behind it is dropped. */
const WAITING_MAX_BYTES = 1 << 20;

/** Whoever logs goes on where a line cannot be written, as on a full disk: it waits for room. Without a listener the write would throw into their work. */
const written = (dest: string | number): DestinationStream =>
  pino.destination({ dest, sync: true, maxLength: WAITING_MAX_BYTES }).on('error', () => undefined);

/** JSON lines, to a file or a stream; to standard error unless one is given. Fields that may hold secrets or personal data are masked, should one ever get here. */
export const makeLogger = (level = 'info', to: DestinationStream | string | number = 2): Logger =>
  pino(
    {
      level,
      redact: { paths: REDACTED, censor: '[redacted]' },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    typeof to === 'object' ? to : written(to),
  );

/** What may be logged of an error: its kind, code and message. Databases, parsers and mail servers quote what they were given: that is left out. */
export function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  return {
    error: error.name,
    message: messageOf(error),
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack
      ?.split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('at '))
      .slice(0, 5),
  };
}

const ADDRESS = /[^\s<>()"':,;]+@[^\s<>()"':,;]+/g;

function messageOf(error: Error): string {
  if (error instanceof SyntaxError) return 'a text could not be read';
  const { message } = withoutValues(error) as Error;
  return message.replaceAll(ADDRESS, '[address]');
}

/** Nest's own words, to the same log. Its start-up chatter is kept for debugging. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown): void {
    this.logger.debug(String(message));
  }
  debug(message: unknown): void {
    this.logger.debug(String(message));
  }
  verbose(message: unknown): void {
    this.logger.trace(String(message));
  }
  warn(message: unknown): void {
    this.logger.warn(String(message));
  }
  error(message: unknown): void {
    this.logger.error(message instanceof Error ? errorFields(message) : String(message));
  }
  fatal(message: unknown): void {
    this.logger.fatal(String(message));
  }
}
