import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const CODES = { servfail: 2, nxdomain: 3 } as const;
const QUESTION_AT = 12;

/** What it says of a name: texts of TXT records, that there is no such name (which it says of every other, too), or that it cannot say. */
export type DnsAnswer = readonly string[] | keyof typeof CODES;

/** A DNS server of the test: it answers by UDP what `answers` says at that moment. */
export interface DnsServer {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** By name, lower case. */
  readonly answers: Map<string, DnsAnswer>;
  stop(): Promise<void>;
}

/** Starts it on a free port (RFC 1035, one question a message). */
export async function dnsServer(): Promise<DnsServer> {
  const answers = new Map<string, DnsAnswer>();
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    socket.send(respond(query, answers), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    answers,
    stop: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

function respond(query: Buffer, answers: ReadonlyMap<string, DnsAnswer>): Buffer {
  const { name, end } = questionOf(query);
  const said = answers.get(name) ?? 'nxdomain';
  const records = typeof said === 'string' ? [] : said.map(txtRecord);
  const head = Buffer.alloc(QUESTION_AT);
  query.copy(head, 0, 0, 2);
  // A response, recursion desired and available.
  head.writeUInt16BE(0x8180 | (typeof said === 'string' ? CODES[said] : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, query.subarray(QUESTION_AT, end), ...records]);
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = QUESTION_AT;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

/** Of the question's name: TXT, IN, no time to live, in parts of 255 bytes. */
function txtRecord(text: string): Buffer {
  const bytes = Buffer.from(text);
  const parts = Array.from({ length: Math.ceil(bytes.length / 255) || 1 }, (_, n) =>
    bytes.subarray(n * 255, n * 255 + 255),
  );
  const data = Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), part]));
  const head = Buffer.from([0xc0, QUESTION_AT, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
