// Runs on whatever Node there is: old syntax only. `npm ci` puts a Node 24 into node_modules/.bin, which npm scripts
// find first; with --ignore-scripts it is missing and the system's Node comes instead.
var required = 24;
var major = parseInt(process.versions.node, 10);
if (major < required) {
  console.error(
    'Agent Routines needs Node ' +
      required +
      ' or newer to run locally, and this is Node ' +
      process.versions.node +
      '. Run "npm ci" without --ignore-scripts: it brings its own Node ' +
      required +
      '.',
  );
  process.exit(1);
}
