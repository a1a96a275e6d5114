import { AIProjectClient as NewestClient } from '@azure/ai-projects';
import { AIProjectClient as FirstClient } from 'ai-projects-2.2';
import { keys } from './contract-app.ts';

export type Routines = NewestClient['beta']['routines'] | FirstClient['beta']['routines'];

type ClientOptions = NonNullable<
  ConstructorParameters<typeof NewestClient>[2] & ConstructorParameters<typeof FirstClient>[2]
>;

/** A step of the SDK's way to the wire. */
export type Policy = NonNullable<ClientOptions['additionalPolicies']>[number]['policy'];

/** One published version of the JavaScript SDK, used as its documentation says. */
export interface Sdk {
  readonly version: string;
  /** Up to 2.4 the SDK shows the first page of a list and no more. */
  readonly followsPages: boolean;
  /** What it sends by itself as Foundry-Features. */
  readonly previewFeature: string | undefined;
  connect(endpoint: string, token?: string, options?: ClientOptions): Routines;
}

const credentialOf = (token: string) => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});

/** The newest SDK, and the first that knew routines. */
export const sdks: readonly [Sdk, Sdk] = [
  {
    version: '2.10.0',
    followsPages: true,
    previewFeature: 'Routines=V2Preview',
    connect: (endpoint, token = keys.contributor, options) =>
      new NewestClient(endpoint, credentialOf(token), options).beta.routines,
  },
  {
    version: '2.2.0',
    followsPages: false,
    previewFeature: undefined,
    connect: (endpoint, token = keys.contributor, options) =>
      new FirstClient(endpoint, credentialOf(token), options).beta.routines,
  },
];
