import type { RegisteredFunction } from './host/registered-function.ts';

export interface Announcement {
  readonly url: string;
  readonly functions: readonly RegisteredFunction[];
  /** The file with the certificate to trust; only with --https. */
  readonly certificateFile?: string;
  /** Whether the sample agents are there to be called. */
  readonly sampleAgents: boolean;
  /** Whether requests need a key. */
  readonly needsKey: boolean;
  readonly dataDirectory?: string;
}

const project = 'demo';

/** What a newcomer needs to see when all is up: where it listens, what it serves, and two things to paste. */
export const announce = (facts: Announcement): string => {
  const base = `${facts.url}/api/projects/${project}`;
  return [
    '',
    `Agent Routines is ready:  ${base}`,
    `  any project name works in place of "${project}"; state is kept in ${facts.dataDirectory ?? 'the given storage'}`,
    '',
    'The API it serves:',
    ...facts.functions.flatMap((fn) => (fn.kind === 'http' ? [`  ${routeLine(facts.url, fn)}`] : [])),
    '',
    ...trustLines(facts),
    'Try it with curl: a routine that fires once, ten seconds from now, then its history:',
    '',
    ...curlLines(base, facts),
    '',
    'The same from the official SDK, in this folder:',
    '',
    ...sdkLines(base, facts),
    '',
    'Stop with Ctrl+C.',
    '',
  ].join('\n');
};

const routeLine = (url: string, fn: RegisteredFunction & { readonly kind: 'http' }): string =>
  `${fn.methods.join(',').padEnd(7)} ${url}/api/${fn.route}`;

const trustLines = ({ certificateFile }: Announcement): string[] =>
  certificateFile === undefined
    ? []
    : ['Trust its certificate first:', '', `  export NODE_EXTRA_CA_CERTS=${certificateFile}`, ''];

const agentOf = ({ sampleAgents }: Announcement): string => (sampleAgents ? 'echo-agent' : '<your-agent>');

const curlLines = (base: string, facts: Announcement): string[] => {
  const options = [
    ...(facts.certificateFile === undefined ? [] : [`--cacert ${facts.certificateFile}`]),
    ...(facts.needsKey ? ['-H "api-key: $ROUTINES_KEY"'] : []),
  ].join(' ');
  const curl = `curl -sS${options === '' ? '' : ` ${options}`}`;
  const body = {
    triggers: { soon: { type: 'timer', at: '10s' } },
    action: { type: 'invoke_agent_responses_api', agent_name: agentOf(facts), input: 'Hello from a routine' },
  };
  return [
    `  ${curl} -X PUT ${base}/routines/hello -H "Content-Type: application/json" -d '${JSON.stringify(body)}'`,
    `  sleep 12; ${curl} ${base}/routines/hello/runs`,
  ];
};

/** The SDK sends a token over TLS only; over plain http on this machine it takes a key, which nobody checks. */
const sdkLines = (base: string, facts: Announcement): string[] => {
  const credential = facts.needsKey ? '{ key: process.env.ROUTINES_KEY }' : "{ key: 'none' }";
  const plain = facts.url.startsWith('http:') ? ', allowInsecureConnection: true' : '';
  return [
    "  node --input-type=module -e '",
    '  import { AIProjectClient } from "@azure/ai-projects";',
    `  const client = new AIProjectClient("${base}", ${credential.replaceAll("'", '"')},`,
    `    { credentials: { apiKeyHeaderName: "api-key" }${plain} });`,
    '  await client.beta.routines.createOrUpdate("every-morning", {',
    '    triggers: { morning: { type: "schedule", cron_expression: "0 7 * * 1-5", time_zone: "Europe/Berlin" } },',
    `    action: { type: "invoke_agent_responses_api", agent_name: "${agentOf(facts)}", input: "Good morning" } });`,
    '  console.log(await client.beta.routines.dispatch("every-morning"));',
    "  '",
  ];
};
