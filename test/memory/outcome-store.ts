import type { OutcomeRecord, OutcomeStore } from '../../shared/app/ports/outcome-store.ts';

/** Passes the same suite as the store on Table Storage. */
export const createMemoryOutcomeStore = (): OutcomeStore => {
  const records = new Map<string, OutcomeRecord>();
  return {
    write: async (record) => {
      records.set(`${record.project}!${record.minute.getUTCMinutes()}!${record.instance}`, record);
    },
    read: async (project, since) => {
      const counted = [...records.values()].filter((one) => one.project === project && one.minute >= since);
      const sum = (phase: keyof OutcomeRecord['counts']) =>
        counted.reduce((total, { counts }) => total + counts[phase], 0);
      return { completed: sum('completed'), failed: sum('failed'), killed: sum('killed') };
    },
  };
};
