import { simpleParser } from 'mailparser';

/** What a report says of a message: failed for good, or anything else (it is late, it was delivered). Undefined: it is no report (an answer of somebody on holiday). */
export type Report = 'failed' | 'other' | undefined;

/** Reads a report of a mail server (RFC 3464, RFC 6533). A failure is the end of all tries, whatever the status of the last one was. */
export async function readReport(message: Buffer): Promise<Report> {
  const { headers, attachments } = await simpleParser(message, {
    keepDeliveryStatus: true,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    skipTextLinks: true,
  });
  const { value } = (headers.get('content-type') ?? {}) as { value?: string };
  const status = attachments.find(({ contentType }) => /^message\/(global-)?delivery-status$/i.test(contentType));
  if (value?.toLowerCase() !== 'multipart/report' || !status) return undefined;
  return /^action[ \t]*:[ \t]*failed\b/im.test(status.content.toString('latin1')) ? 'failed' : 'other';
}
