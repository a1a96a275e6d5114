import { healthEndpoint } from '../shared/http/health.ts';
import { registerRoute } from '../shared/http/register.ts';
import { services } from '../shared/services.ts';

registerRoute('health', healthEndpoint(services));
