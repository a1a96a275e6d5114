import { app } from '@azure/functions';

const answers = {
  nothing: () => undefined,
  throws: () => {
    throw new Error('fixture trouble');
  },
  'throws-null': () => {
    throw null;
  },
  'not-an-object': () => 'text',
  created: () => ({ status: 201, headers: { 'X-One': '1', Location: '/elsewhere' }, body: 'made' }),
  'no-content': () => ({ status: 204 }),
  binary: () => ({ body: new Uint8Array([0, 255, 128, 10]), headers: { 'Content-Type': 'application/octet-stream' } }),
  stream: () => ({ body: ReadableStream.from([Buffer.from('one '), Buffer.from('two')]) }),
  'broken-stream': () => ({
    body: new ReadableStream({ pull: (controller) => controller.error(new Error('stream trouble')) }),
  }),
  cookies: () => ({
    cookies: [
      { name: 'a', value: 'x y', maxAge: 60, httpOnly: true, secure: true, sameSite: 'Lax' },
      { name: 'b', value: '2', path: '/api', domain: 'example.test', sameSite: 'None' },
    ],
  }),
};
for (const [name, handler] of Object.entries(answers)) app.http(name, { methods: ['GET'], handler });

app.http('hooked', { methods: ['GET'], handler: () => ({ body: 'handled' }) });
app.http('logs', {
  methods: ['GET'],
  handler: (_request, context) => {
    context.warn('a word from the fixture');
    return { body: context.invocationId };
  },
});
