import { fallback } from '../shared/http/fallback.ts';
import { registerFallback } from '../shared/http/register.ts';
import { services } from '../shared/services.ts';

registerFallback(fallback(services));
