import * as z from 'zod';
import { storedTimedTrigger } from '../../domain/kinds/trigger-kinds.ts';
import { jsonColumn } from '../../domain/schema/stored-fields.ts';
import { triggerTypes } from '../../domain/trigger.ts';

export const triggerTypeColumn = z.enum(triggerTypes);

export const timedTriggerColumn = jsonColumn(storedTimedTrigger);
