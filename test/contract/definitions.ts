export const responses = 'invoke_agent_responses_api';
export const invocations = 'invoke_agent_invocations_api';

/** Fires once a month, which no test lives to see. */
export const monthly = { type: 'schedule', cron_expression: '0 0 1 * *', time_zone: 'UTC' } as const;

/** The definition of a routine that only a dispatch fires. */
export const aRoutine = (agentName = 'echo-agent') => ({
  triggers: { monthly },
  action: { type: responses, agent_name: agentName, input: 'What is on today?' } as const,
});

export const collect = async <Item>(list: AsyncIterable<Item>): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
};
