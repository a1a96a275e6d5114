import { app } from '@azure/functions';
import { endpoint, type Handle, type HandleService, type HttpServices, serviceEndpoint } from './endpoint.ts';
import type { HttpFunction } from './respond.ts';
import { fallbackRoute, type ProjectRouteName, type RouteName, routes, type ServiceRouteName } from './routes.ts';

/** Registers a route of the table with the platform. `anonymous`: this service checks access. */
export const registerRoute = (name: RouteName, handler: HttpFunction): void => {
  const route = routes.find((candidate) => candidate.name === name);
  if (route === undefined) throw new Error(`Route ${name} is not in the table`);
  app.http(name, { methods: [route.method], route: route.template, authLevel: 'anonymous', handler });
};

export const registerEndpoint = (name: ProjectRouteName, handle: Handle, services: HttpServices): void =>
  registerRoute(name, endpoint(name, handle, services));

export const registerServiceEndpoint = (name: ServiceRouteName, handle: HandleService, services: HttpServices): void =>
  registerRoute(name, serviceEndpoint(name, handle, services));

export const registerFallback = (handler: HttpFunction): void => {
  const { name, methods, template } = fallbackRoute;
  app.http(name, { methods: [...methods], route: template, authLevel: 'anonymous', handler });
};
