import { app } from '@azure/functions';

/** What the functions of this app have seen, for the tests to read. */
const seen = [];

export const record = (event) => seen.push({ at: Date.now(), ...event });

let open;
const opened = new Promise((resolve) => {
  open = resolve;
});

/** Waits until a test opens the gate. */
export const gate = () => opened;

app.http('seen', { methods: ['GET'], handler: () => ({ jsonBody: seen }) });
app.http('gate', {
  methods: ['POST'],
  handler: () => {
    open();
    return { status: 204 };
  },
});
app.hook.appStart(() => record({ hook: 'appStart' }));
app.hook.preInvocation((context) => {
  context.hookData.from = 'before';
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') {
    context.result = { body: `${context.result.body} ${context.hookData.from}` };
  }
});
app.hook.appTerminate(() => console.log('the app ends'));
