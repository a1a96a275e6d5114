import { app } from '@azure/functions';

const describe = async (request) => ({
  method: request.method,
  url: request.url,
  params: request.params,
  query: [...request.query],
  headers: Object.fromEntries(request.headers),
  hasBody: request.body !== null,
  body: await request.text(),
});

app.http('echo', {
  route: 'echo/{id?}',
  methods: ['GET', 'POST', 'HEAD'],
  handler: async (request) => ({ jsonBody: await describe(request) }),
});
app.http('files', { route: 'files/{*path}', methods: ['GET'], handler: (request) => ({ jsonBody: request.params }) });
app.http('mixed', {
  route: 'Items/{name}:enable',
  methods: ['POST'],
  handler: (request) => ({ jsonBody: request.params }),
});
app.http('Order-B', { route: 'order/{x}', methods: ['GET'], handler: () => ({ body: 'Order-B' }) });
app.http('order-a', { route: 'order/{x}', methods: ['GET'], handler: () => ({ body: 'order-a' }) });
app.http('unrouted', { methods: ['GET'], handler: () => ({ body: 'by name' }) });
app.http('size', {
  methods: ['POST'],
  handler: async (request) => ({ body: String((await request.arrayBuffer()).byteLength) }),
});
