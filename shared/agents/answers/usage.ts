import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import type { TokenUsage } from '../../domain/run.ts';

/** More than any run takes; what is no count is left out. */
const maxTokens = 1e12;

/** In the order in which they count: Responses and Anthropic, chat completions, then others in their own spelling. */
const names = {
  inputTokens: [
    'input_tokens',
    'prompt_tokens',
    'inputTokens',
    'promptTokens',
    'promptTokenCount',
    'input_token_count',
    'inputTokenCount',
  ],
  outputTokens: [
    'output_tokens',
    'completion_tokens',
    'outputTokens',
    'completionTokens',
    'candidatesTokenCount',
    'output_token_count',
    'outputTokenCount',
  ],
  totalTokens: ['total_tokens', 'totalTokens', 'totalTokenCount', 'total_token_count'],
} as const satisfies Record<keyof TokenUsage, readonly string[]>;

const fields = [
  'usage',
  'totalUsage',
  'usage_metadata',
  'usageMetadata',
  'token_usage',
  'usage_details',
  'usageDetails',
] as const;
/** Where an answer or an event wraps what the usage is told of. */
const wrappers = ['response', 'message', 'run', 'result', 'data', 'metadata', 'messageMetadata'] as const;

/** What an answer, or an event of a stream, tells of its tokens; undefined when it tells nothing. */
export const readUsage = (body: unknown): TokenUsage | undefined => {
  if (!isJsonObject(body)) return undefined;
  for (const holder of [body, ...wrappers.map((name) => body[name])]) {
    if (!isJsonObject(holder)) continue;
    for (const field of fields) {
      const usage = usageIn(holder[field]);
      if (usage !== undefined) return usage;
    }
  }
  return undefined;
};

/** The last that was told counts, count by count: Anthropic tells of input and output in different events. */
export const mergeUsage = (before: TokenUsage | undefined, later: TokenUsage | undefined): TokenUsage | undefined =>
  before === undefined || later === undefined ? (later ?? before) : { ...before, ...later };

const usageIn = (usage: unknown): TokenUsage | undefined => {
  if (!isJsonObject(usage)) return undefined;
  const inputTokens = countIn(usage, names.inputTokens);
  const outputTokens = countIn(usage, names.outputTokens);
  const totalTokens = countIn(usage, names.totalTokens);
  if (inputTokens === undefined && outputTokens === undefined && totalTokens === undefined) return undefined;
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(totalTokens !== undefined && { totalTokens }),
  };
};

const countIn = (usage: JsonObject, spellings: readonly string[]): number | undefined =>
  spellings.map((name) => usage[name]).find(isCount);

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= maxTokens;
