// node run.mjs [SCENARIO...]: runs them in turn, all by default; one JSON line for each on standard output.
// Environment: URL of the infer route, KEY 0x-hex of a funded account, ASSET address, CHAIN number,
// BODY the JSON request, RPC (default: /rpc of the same host). Scenarios at a shop, which are run only when named,
// want TOKEN and VERSION of the asset, PAY_TO address, SHOP_KEY as the node knows it, and for its channel AUTHORIZER 0x-hex, a key of the model's host.
import * as at_the_node from './scenarios.mjs';
import * as at_a_shop from './shop_scenarios.mjs';
import * as of_streams from './stream_scenarios.mjs';

const need = (name) => process.env[name] ?? (console.error(`run.mjs: ${name} is not set`), process.exit(2));
const node = {
  url: need('URL'), key: need('KEY'), asset: need('ASSET'), chain: need('CHAIN'), body: need('BODY'),
  rpc: process.env.RPC ?? new URL('/rpc', need('URL')).href,
};
const scenarios = { ...at_the_node, ...at_a_shop, ...of_streams };
const names = process.argv.slice(2);
let failed = 0;
for (const name of names.length ? names : Object.keys(at_the_node)) {
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
