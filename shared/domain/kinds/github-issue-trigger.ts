import * as z from 'zod';
import type { NothingLeft } from '../every-field.ts';
import { storedObject } from '../schema/stored-fields.ts';
import { expected, flag, text } from '../schema/wire-fields.ts';
import { type GithubIssueTrigger, issueEvents } from '../trigger.ts';
import type { TriggerKind } from './trigger-kind.ts';

const wire = z.object({
  type: z.literal('github_issue'),
  enabled: flag,
  connection_id: text(1, 256),
  owner: text(1, 128),
  repository: text(1, 128),
  issue_event: z.enum(issueEvents, { error: expected(issueEvents.map((event) => `"${event}"`).join(' or ')) }),
});

export const githubIssueTrigger = {
  wire,
  aliases: {},
  fromWire: ({ type, connection_id, owner, repository, issue_event }) => ({
    type,
    connectionId: connection_id,
    owner,
    repository,
    issueEvent: issue_event,
  }),
  check: (draft) => ({ ok: true, trigger: draft }),
  toWire: ({ type, connectionId, owner, repository, issueEvent, ...rest }) => {
    rest satisfies NothingLeft;
    return { type, connection_id: connectionId, owner, repository, issue_event: issueEvent };
  },
  stored: storedObject({
    type: z.literal('github_issue'),
    connectionId: z.string(),
    owner: z.string(),
    repository: z.string(),
    issueEvent: z.enum(issueEvents),
  }),
  attemptSource: 'event_fire',
  firing: () => '',
  localTime: () => null,
  describe: ({ issueEvent, owner, repository }) => `When an issue is ${issueEvent} in ${owner}/${repository} on GitHub`,
  warnings: () => [],
} satisfies TriggerKind<GithubIssueTrigger, GithubIssueTrigger, typeof wire>;
