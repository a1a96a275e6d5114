export interface StorageNames {
  readonly tables: { readonly routines: string; readonly schedule: string; readonly runs: string };
  readonly queues: {
    readonly delivery: string;
    readonly deliveryPoison: string;
    readonly work: string;
    readonly workPoison: string;
  };
}

/**
 * Every table and queue of the service. The platform names a poison queue after its queue. Table names are letters and
 * digits only; `infra/` creates the same names.
 */
export const storageNames = (prefix: string): StorageNames => ({
  tables: { routines: `${prefix}routines`, schedule: `${prefix}schedule`, runs: `${prefix}runs` },
  queues: {
    delivery: `${prefix}-delivery`,
    deliveryPoison: `${prefix}-delivery-poison`,
    work: `${prefix}-work`,
    workPoison: `${prefix}-work-poison`,
  },
});
