// Preloaded into every Node process of a test (NODE_OPTIONS): refuses each socket and name look-up that is not for this
// machine, and writes down whom it was for. Runs on whatever Node the system has.
const dgram = require('node:dgram');
const dns = require('node:dns');
const { appendFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');

const isThisMachine = (host) => /^(127\.|::1$|::ffff:127\.|localhost$|0\.0\.0\.0$|::$)/i.test(host);

const refuse = (host, how) => {
  appendFileSync(process.env.CALLS_OUT_FILE, `${how} ${host} by ${process.argv.join(' ')}\n`);
  return new Error(`A call out, refused: ${how} ${host}`);
};

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  // net.connect() passes its arguments on as one array.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof first === 'object' ? first.host : second;
  const isLocal = typeof host !== 'string' || isThisMachine(host) || (typeof first === 'object' && first.path);
  if (isLocal) return connect.apply(this, args);
  const error = refuse(host, 'connect');
  process.nextTick(() => this.destroy(error));
  return this;
};

for (const method of ['send', 'connect']) {
  const original = dgram.Socket.prototype[method];
  dgram.Socket.prototype[method] = function (...args) {
    const host = args.slice(1).find((argument) => typeof argument === 'string');
    if (host === undefined || isThisMachine(host)) return original.apply(this, args);
    throw refuse(host, `udp ${method}`);
  };
}

const { lookup } = dns;
dns.lookup = (host, ...rest) => {
  if (isThisMachine(host) || net.isIP(host)) return lookup(host, ...rest);
  const error = refuse(host, 'lookup');
  process.nextTick(() => rest.at(-1)(error));
};
const { lookup: lookupPromise } = dns.promises;
dns.promises.lookup = async (host, ...rest) => {
  if (isThisMachine(host) || net.isIP(host)) return lookupPromise(host, ...rest);
  throw refuse(host, 'lookup');
};
syncBuiltinESMExports();
