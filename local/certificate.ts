import { isIP } from 'node:net';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM, for the server and for clients that trust it (`NODE_EXTRA_CA_CERTS`, `curl --cacert`). */
  readonly cert: string;
  /** PEM, PKCS #8, not encrypted. */
  readonly key: string;
}

const alwaysCovered = ['localhost', '127.0.0.1', '::1'];
const dayMs = 86_400_000;

/**
 * A self-signed certificate for a server on this machine: for localhost, 127.0.0.1, ::1 and the given host names or IP
 * addresses, valid for a year. It is its own authority, so trusting the file is enough.
 */
export const createCertificate = async ({ hosts }: { readonly hosts: readonly string[] }): Promise<Certificate> => {
  const now = Date.now();
  const covered = [...new Set([...alwaysCovered, ...hosts])];
  const made = await generate([{ name: 'commonName', value: 'Agent Routines (local)' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // A day back, for a client whose clock is behind.
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + 365 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: covered.map(toAltName) },
    ],
  });
  return { cert: made.cert, key: made.private };
};

const toAltName = (host: string) =>
  isIP(host) === 0 ? { type: 2 as const, value: host } : { type: 7 as const, ip: host };
