import { X509Certificate } from 'node:crypto';
import { Problem, verifiesSignatures } from '#platform';

/** Certificates whose keys can verify what a provider signs, as PEM, and when the last of them ends. @throws Problem with a pointer to the first that cannot */
export function readCertificates(texts: readonly string[]): { certificates: string[]; certificatesEndAt: string } {
  const read = texts.map(readCertificate);
  return {
    certificates: read.map((certificate) => certificate.toString()),
    certificatesEndAt: new Date(Math.max(...read.map(({ validToDate }) => validToDate.getTime()))).toISOString(),
  };
}

function readCertificate(text: string, index: number): X509Certificate {
  const refused = (detail: string) =>
    new Problem('request/invalid', `A certificate ${detail}.`, {
      fields: [{ pointer: `/certificates/${index}`, detail }],
    });
  const certificate = parsed(text);
  if (!certificate) throw refused('must be an X.509 certificate, PEM or its base64 alone');
  if (!verifiesSignatures(certificate)) throw refused('must have an RSA key of 2048 bits or more');
  return certificate;
}

function parsed(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(
      text.includes('-----BEGIN') ? text : `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`,
    );
  } catch {
    return undefined;
  }
}
