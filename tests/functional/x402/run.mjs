// node run.mjs [SCENARIO...]: runs them in turn, all by default; one JSON line for each on standard output.
// Environment: URL of the infer route, KEY 0x-hex of a funded account, ASSET address, CHAIN number,
// BODY the JSON request, RPC (default: /rpc of the same host).
import * as scenarios from './scenarios.mjs';

const need = (name) => process.env[name] ?? (console.error(`run.mjs: ${name} is not set`), process.exit(2));
const node = {
  url: need('URL'), key: need('KEY'), asset: need('ASSET'), chain: need('CHAIN'), body: need('BODY'),
  rpc: process.env.RPC ?? new URL('/rpc', need('URL')).href,
};
const names = process.argv.slice(2);
let failed = 0;
for (const name of names.length ? names : Object.keys(scenarios)) {
  const began = performance.now();
  try {
    const result = await scenarios[name](node);
    console.log(JSON.stringify({ scenario: name, passed: true, ms: Math.round(performance.now() - began), ...result }));
  } catch (error) {
    ++failed;
    console.log(JSON.stringify({ scenario: name, passed: false, error: String(error.stack ?? error) }));
  }
}
process.exitCode = failed ? 1 : 0;
