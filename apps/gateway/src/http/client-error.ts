import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problems } from '#contracts';
import { Problem } from '#platform';
import { PROBLEM, problemBody } from './problem-reply.ts';
import { requestId } from './request-id.ts';

const KNOWN: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: new Problem(
    'request/headers-too-long',
    'Address and headers may have 16 kB together. Send fewer cookies, or a shorter query.',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem(
    'request/too-slow',
    'The request did not arrive in time: its headers within 15 s, all of it within 60 s.',
  ),
};
const UNREADABLE = new Problem(
  'request/invalid',
  'This is no HTTP request that can be read. Check its first line, its headers and its line ends.',
);
/** Time for a client that reads the answer only after it has sent everything. */
const LINGER_MS = 1_000;

/** The latest answer on each connection. */
const latest = new WeakMap<Socket, ServerResponse>();

/** To be told of each request as it comes, so that one which is refused later is answered once. */
export const noteAnswer = (reply: ServerResponse): unknown => latest.set(reply.req.socket, reply);

/** Whether what is wrong has no answer yet and none is under way: one too many would be taken for that of another request. */
function mayAnswer(socket: Socket): boolean {
  const reply = latest.get(socket);
  return !reply || (reply.req.complete ? reply.writableFinished : !reply.headersSent);
}

/** Answers what the HTTP parser itself refuses: it passes no hook, and is a problem all the same. The connection ends. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || !mayAnswer(socket)) {
    socket.destroy();
    return;
  }
  const problem = KNOWN[error.code ?? ''] ?? UNREADABLE;
  const [id, { status }] = [requestId(), problems[problem.code]];
  const body = problemBody(problem, id);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${PROBLEM}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${id}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
