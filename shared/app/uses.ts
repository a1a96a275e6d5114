import type { ServicePorts } from './ports/service-ports.ts';
import type { ServiceSettings } from './settings.ts';

/** What a function takes of the service: the ports and settings with these names, and no others. */
export type Uses<Names extends keyof ServicePorts | keyof ServiceSettings> = Pick<
  ServicePorts & ServiceSettings,
  Names
>;
