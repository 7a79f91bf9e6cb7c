import { logFault, SQLSTATE, VersionConflict, sqlState } from '#event-sourcing';

const SQL = /^(08|53|58|57P)|^(40001|40P01|55P03|57014|25P03|25P04|25006)$/;
const SOCKET =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ESOCKET)$/;
// pg gives these no code.
const CONNECTION =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout)/;
const GRPC = [4, 8, 10, 14];
/** Codes of refusals, a domain's own or another service's. */
const REFUSALS = ['service/busy', 'service/unavailable', 'record/not-yet-here', 'log/unproven', 'log/older'];

/**
 * Whether trying again later can help: lost connections, overload, time-outs, locks, and a concurrent writer that was faster.
 * Everything else fails the same way each time.
 */
export function isTransient(error: unknown): boolean {
  // A restored log waits for an operator, and so does what would be written to it.
  if (isContention(error) || logFault(error)) return true;
  if (!(error instanceof Error)) return false;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && REFUSALS.includes(code)) return true;
  if (typeof code === 'string' && (SQL.test(code) || SOCKET.test(code))) return true;
  if (typeof code === 'number' && GRPC.includes(code)) return true;
  return CONNECTION.test(error.message) || isTransient(error.cause);
}

/** A concurrent writer was faster: worth another try at once, and no alarm. */
export const isContention = (error: unknown): boolean =>
  error instanceof VersionConflict ||
  sqlState(error) === SQLSTATE.serialization ||
  sqlState(error) === SQLSTATE.deadlock;

/** What may be kept and shown of an error: its kind and message, never its details, which quote data. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown error';
  const state = sqlState(error);
  // It is kept as text, and may quote what is none.
  return `${error.name}${state === undefined ? '' : ` ${state}`}: ${error.message}`
    .slice(0, 300)
    .toWellFormed()
    .replaceAll('\0', '\ufffd');
}
