const NODE_MIN = 24;
if (Number(process.versions.node.split('.')[0]) < NODE_MIN) {
  console.error(`Rollcall needs Node ${NODE_MIN}, and this is ${process.versions.node}. Run "npm ci" and start it with "npm start": that brings its own.`);
  process.exit(78);
}

const began = performance.now();
const { ConfigError } = await import('#platform');
const { readSettings } = await import('./settings.ts');
const { startRollcall } = await import('./rollcall.ts');

try {
  const settings = readSettings(process.env);
  const rollcall = await startRollcall(settings);
  console.log(`Rollcall is ready at ${settings.origin} (${((performance.now() - began) / 1000).toFixed(1)} s).
  First steps, to copy:  ${settings.origin}/
  Documentation:         ${settings.origin}/docs${settings.development ? `\n  Caught mail:           ${settings.origin}/dev/mail` : ''}
  Data and log:          ${settings.dataFolder}
Ctrl-C ends it.`);
  let ending = false;
  const end = () => {
    if (ending) process.exit(130);
    ending = true;
    void rollcall.stop().then(() => process.exit(0), (error: unknown) => {
      console.error(`Rollcall did not end cleanly: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    });
  };
  process.on('SIGINT', end).on('SIGTERM', end);
} catch (error) {
  if (error instanceof ConfigError) for (const fault of error.faults) console.error(`Rollcall cannot start: ${fault}`);
  else console.error(`Rollcall cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof ConfigError ? ConfigError.EXIT : 1);
}
