import { X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Certificate, createCertificate } from '../../local/certificate.ts';

let certificate: Certificate;
beforeAll(async () => {
  certificate = await createCertificate({ hosts: ['routines.test', '10.1.2.3', 'localhost'] });
});

/** What a client sees that trusts nothing but `ca` and takes the server for `servername`. */
const visit = async (ca: string, servername: string): Promise<number | string | undefined> => {
  const server = createServer(certificate, (_incoming, outgoing) => outgoing.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, ca, headers: { host: servername }, agent: false };
    request({ ...options, ...(servername === '127.0.0.1' ? {} : { servername }) }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode));
    })
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      .end();
  });
};

describe('a certificate', () => {
  test.each(['localhost', '127.0.0.1', 'routines.test'])('serves %s to a client that trusts only it', async (host) => {
    expect(await visit(certificate.cert, host)).toBe(200);
  });

  test('does not serve another host', async () => {
    expect(await visit(certificate.cert, 'elsewhere.test')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is not trusted by a client that trusts another one', async () => {
    const other = await createCertificate({ hosts: [] });
    expect(await visit(other.cert, 'localhost')).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY|SIGNATURE/);
  });

  test('names every host once, is its own authority and lasts a year', () => {
    const x509 = new X509Certificate(certificate.cert);
    expect(x509.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:routines.test, IP Address:10.1.2.3',
    );
    expect(x509.ca).toBe(true);
    expect(x509.verify(x509.publicKey)).toBe(true);
    const days = (Date.parse(x509.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(364);
    expect(days).toBeLessThanOrEqual(365);
  });
});
