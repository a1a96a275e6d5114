import type { ServicePorts } from '../shared/app/ports/service-ports.ts';
import { createService, type Service } from '../shared/app/service.ts';
import type { ServiceSettings } from '../shared/app/settings.ts';

/** The service of a test world, which keeps ports and settings in one value. */
export const serviceOf = (world: ServicePorts & ServiceSettings): Service => createService(world, world);
