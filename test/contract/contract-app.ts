import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inject } from 'vitest';
import { type AppProcess, startAppProcess } from '../../local/app-process.ts';

/** Keys stand in for tokens: clients send both as `Authorization: Bearer`. */
export const keys = {
  contributor: 'contract-contributor-of-all',
  operator: 'contract-operator-of-all',
  reader: 'contract-reader-of-one-project',
} as const;

/** The one project that the reader's key opens. */
export const readersProject = 'library';

/** How long the app may take to start, on a busy machine; the hook that starts it takes a little longer. */
const startSeconds = 120;
export const startTimeout = (startSeconds + 20) * 1000;

export interface ContractApp {
  /** What a client is given as its project endpoint. */
  endpointOf(project: string): string;
  /** PEM of the certificate that the app shows. */
  readonly certificate: string;
  end: AppProcess['end'];
}

/**
 * The built app over TLS, on the sample agents, in a process of its own; this process trusts its certificate from then
 * on. `prefix` keeps its state apart from that of other test files.
 */
export const startContractApp = async (
  prefix: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ContractApp> => {
  const app = await startAppProcess({
    https: true,
    timeoutSeconds: startSeconds,
    environment: {
      AzureWebJobsStorage: inject('azurite'),
      STORAGE_PREFIX: prefix,
      AGENT_PROJECT_ENDPOINT: '',
      AUTH_MODE: 'key',
      API_KEYS: JSON.stringify([
        { name: 'contributor', key: keys.contributor, role: 'contributor', project: '*' },
        { name: 'operator', key: keys.operator, role: 'operator', project: '*' },
        { name: 'reader', key: keys.reader, role: 'reader', project: readersProject },
      ]),
      ...environment,
    },
  });
  const { certificate = '' } = app;
  setDefaultCACertificates([...getCACertificates(), certificate]);
  return { certificate, endpointOf: (project) => `${app.url}/api/projects/${project}`, end: app.end };
};
