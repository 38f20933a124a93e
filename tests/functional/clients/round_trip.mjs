// node round_trip.mjs MODULE BASE: what goes into a model that hands everything through comes out again.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

const { Client, INPUTS, OUTPUTS, ModelError } = await import(pathToFileURL(process.argv[2]));
const client = new Client(process.argv[3]);
const values = {
  BOOL: [1, 0], UINT8: [7, 255], UINT16: [1, 65535], UINT32: [1, 4294967295], UINT64: [1n, 18446744073709551615n],
  INT8: [-128, 127], INT16: [-32768, 3], INT32: [-2147483648, 5], INT64: [-9223372036854775808n, 9n],
  FP16: [0x3c00, 0xc000], BF16: [0x3f80, 0xc000], FP32: [0.5, -0], FP64: [Math.PI, NaN], BYTES: ['héllo', ''],
};
const inputs = Object.fromEntries(INPUTS.map(({ key, datatype }) => [key, values[datatype]]));
const outputs = await client.infer(inputs);
assert.equal(Object.keys(outputs).length, OUTPUTS.length);
OUTPUTS.forEach(({ key, datatype }, i) => {
  const data = datatype === 'BYTES' ? outputs[key].data.map((bytes) => new TextDecoder().decode(bytes)) : [...outputs[key].data];
  assert.deepEqual(data, values[datatype], key);
  assert.deepEqual(outputs[key].shape, INPUTS[i].shape.map((size) => (size < 0 ? 1 : size)));
});

const failed = (promise, part) => assert.rejects(promise, (error) => error instanceof ModelError && error.message.includes(part));
const key = INPUTS[0].key;
await failed(client.infer({}), `${key} is missing`);
await failed(client.infer({ ...inputs, [key]: { data: values[INPUTS[0].datatype], shape: [3] } }), 'its shape wants 3');
const lies = ['', '{', '[]', '{"outputs":[{"name":"x","parameters":{"binary_data_size":9}}]}', '{"outputs":[]}',
  '{"outputs":[{"name":"x","datatype":"FP32","shape":[1e300],"parameters":{"binary_data_size":0}}]}'];
for (const lie of lies) {
  for (const length of [undefined, '0', '1', 'x', '99999']) {
    const headers = length === undefined ? {} : { 'Inference-Header-Content-Length': length };
    const liar = new Client('http://none', { fetch: async () => new Response(lie, { status: 200, headers }) });
    await assert.rejects(liar.infer(inputs));
  }
}
const endless = new Client('http://none', { maxBytes: 1000, fetch: async () => new Response('x'.repeat(1001)) });
await failed(endless.infer(inputs), 'too long');
const busy = new Client('http://none', { fetch: async () => new Response('{"error":"busy"}', { status: 429 }) });
await assert.rejects(busy.infer(inputs), (error) => error.status === 429 && error.message.includes('busy'));
console.log(`${OUTPUTS.length} tensors came back`);
