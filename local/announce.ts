import type { Config } from '../shared/config.ts';
import type { RegisteredFunction } from './host/registered-function.ts';

export interface Announcement {
  /** `http(s)://host:port` */
  readonly url: string;
  readonly functions: readonly RegisteredFunction[];
  /** The file with the certificate to trust; only with --https. */
  readonly certificateFile?: string;
  /** Whether the sample agents are there to be called. */
  readonly sampleAgents: boolean;
  readonly auth: Config['auth'];
  /** Absent when the storage is not ours. */
  readonly dataDirectory?: string;
}

/** What a newcomer needs to see when all is up: where it listens, what it serves, and two things to paste. */
export const announce = (facts: Announcement): string => {
  const project = projectOf(facts.auth);
  const base = `${facts.url}/api/projects/${project}`;
  return [
    '',
    `Agent Routines is ready:  ${base}`,
    `  "${project}" is one project of many, each with routines of its own; any name makes one.`,
    `  State is kept in ${facts.dataDirectory ?? 'the given storage'}. This is Node ${process.versions.node}.`,
    '',
    `The API it serves, below ${facts.url}/api:`,
    '',
    ...apiLines(facts.functions),
    '',
    ...trustLines(facts),
    ...keyLines(facts),
    'Try it with curl: a routine that fires once, ten seconds from now, then its history:',
    '',
    ...curlLines(base, facts),
    '',
    'Or with the official SDK, in this folder: a routine for weekdays at seven, and one run of it now:',
    '',
    ...sdkLines(base, facts),
    '',
    'Stop with Ctrl+C.',
    '',
  ].join('\n');
};

/** Routes that end in a rest parameter answer what no other route does: nothing to call. */
const apiLines = (functions: readonly RegisteredFunction[]): string[] =>
  functions.flatMap((fn) =>
    fn.kind === 'http' && !fn.route.includes('{*')
      ? [`  ${fn.methods.join(',').padEnd(7)} /${callable(fn.route)}`]
      : [],
  );

/** The platform's router knows a name and its action as one parameter. */
const callable = (route: string): string => route.replace(/\{(\w+)AndAction\}/, '{$1}:{action}');

const trustLines = ({ certificateFile }: Announcement): string[] =>
  certificateFile === undefined
    ? []
    : [
        'Its certificate was made just now. Trust it first, in the terminal where you paste:',
        '',
        `  export NODE_EXTRA_CA_CERTS=${quote(certificateFile)}`,
        '',
      ];

/** The key that can do most: what is printed creates a routine. */
const keyOf = (auth: Config['auth']) =>
  auth.mode === 'key' ? (auth.apiKeys.find(({ role }) => role === 'contributor') ?? auth.apiKeys[0]) : undefined;

const projectOf = (auth: Config['auth']): string => {
  const project = keyOf(auth)?.project ?? '*';
  return project === '*' ? 'demo' : project;
};

const keyLines = ({ auth }: Announcement): string[] => {
  const key = keyOf(auth);
  if (key === undefined) return [];
  const limit = key.role === 'contributor' ? '' : `, which as a ${key.role} may not create routines`;
  return [`Requests need a key: export ROUTINES_KEY with the one named "${key.name}" in API_KEYS${limit}.`, ''];
};

const agentOf = ({ sampleAgents }: Announcement): string => (sampleAgents ? 'echo-agent' : '<your-agent>');

const curlLines = (base: string, facts: Announcement): string[] => {
  const curl = [
    "curl -sS -w '\\n'",
    ...(facts.certificateFile === undefined ? [] : [`--cacert ${quote(facts.certificateFile)}`]),
    ...(facts.auth.mode === 'key' ? ['-H "api-key: $ROUTINES_KEY"'] : []),
  ].join(' ');
  const body = {
    triggers: { soon: { type: 'timer', at: '10s' } },
    action: { type: 'invoke_agent_responses_api', agent_name: agentOf(facts), input: 'Hello from a routine' },
  };
  return [
    `  ${curl} -X PUT ${base}/routines/hello -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`,
    `  sleep 13; ${curl} ${base}/routines/hello/runs`,
  ];
};

const sdkLines = (base: string, facts: Announcement): string[] => [
  "  node --input-type=module -e '",
  '  import { AIProjectClient } from "@azure/ai-projects";',
  ...clientLines(base, facts).map((line) => `  ${line}`),
  '  await client.beta.routines.createOrUpdate("every-morning", {',
  '    triggers: { morning: { type: "schedule", cron_expression: "0 7 * * 1-5", time_zone: "Europe/Berlin" } },',
  `    action: { type: "invoke_agent_responses_api", agent_name: "${agentOf(facts)}", input: "Good morning" } });`,
  '  console.log(await client.beta.routines.dispatch("every-morning"));',
  "  '",
];

/**
 * Over TLS a key goes as a bearer token. The SDK sends no token over plain http, and has no way to name the header of a
 * key: there the client goes without a credential, and a policy adds the key where one is needed.
 */
const clientLines = (base: string, { url, auth }: Announcement): string[] => {
  const needsKey = auth.mode === 'key';
  if (url.startsWith('https:')) {
    const token = needsKey ? 'process.env.ROUTINES_KEY' : '"nobody-checks-this-here"';
    return [
      `const getToken = async () => ({ token: ${token}, expiresOnTimestamp: Date.now() + 3600000 });`,
      `const client = new AIProjectClient("${base}", { getToken });`,
    ];
  }
  if (!needsKey)
    return [`const client = new AIProjectClient("${base}", undefined, { allowInsecureConnection: true });`];
  return [
    'const sendRequest = (request, next) => {',
    '  request.headers.set("api-key", process.env.ROUTINES_KEY);',
    '  return next(request);',
    '};',
    `const client = new AIProjectClient("${base}", undefined, { allowInsecureConnection: true,`,
    '  additionalPolicies: [{ position: "perCall", policy: { name: "key", sendRequest } }] });',
  ];
};

/** For a shell: plain when that is enough, so that it reads well. */
const quote = (path: string): string => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
