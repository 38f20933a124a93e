// node paid.mjs MODULE BASE, beside the stock client: a generated client whose fetch pays.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { make_client } from './client.mjs';

const { Client } = await import(pathToFileURL(process.argv[2]));
const { URL: url, KEY: key, ASSET: asset, CHAIN: chain } = process.env;
const payer = make_client({ url, key, asset, chain, rpc: new URL('/rpc', url).href }, { salt: Date.now(), rpc: false });
const client = new Client(process.argv[3], { fetch: payer.fetch });
const [output] = Object.values(await client.infer({ image: new Float32Array(784).fill(0.5) }));
assert.equal(output.data.length, 10);
await assert.rejects(new Client(process.argv[3]).infer({ image: new Float32Array(784) }), (error) => error.status === 402
  && error.response.headers.get('PAYMENT-REQUIRED') !== null);
console.log(JSON.stringify({ paid: payer.sent.at(-1).status === 200 && payer.sent.at(-1).type !== 'unpaid' }));
