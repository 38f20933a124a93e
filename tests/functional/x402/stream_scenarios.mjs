// What a stock client does with a stream that it pays for. Run only when named: the model has to stream.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { make_client } from './client.mjs';

const run = randomInt(2 ** 40) * 8;
const from_base64 = (text) => JSON.parse(Buffer.from(text, 'base64').toString());

async function open(node, salt) {
  const client = make_client(node, { salt, rpc: false, calls: 4 });
  const response = await client.fetch(node.url, {
    method: 'POST', body: node.body, headers: { 'Content-Type': 'application/json' },
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const { payment } = client.sent.at(-1);
  return { response, payment, channel: from_base64(payment).payload.voucher.channelId };
}

// Reads to the end, whatever that is; `spread` is the time between the first piece and the last.
async function read(node, salt) {
  const { response, payment, channel } = await open(node, salt);
  assert.equal(response.headers.get('PAYMENT-RESPONSE'), null, 'nobody knows the price before the end');
  const decoder = new TextDecoder();
  const times = [];
  let body = '';
  for await (const piece of response.body) {
    times.push(performance.now());
    body += decoder.decode(piece, { stream: true });
  }
  return { body, payment, channel, spread: times.at(-1) - times[0] };
}

// What was charged stands in a comment before the last events; a client that skips it is corrected by its next call.
export async function streamed(node) {
  const answer = await read(node, run + 1);
  const settled = from_base64(/^: PAYMENT-RESPONSE (\S+)$/m.exec(answer.body)[1]);
  assert.equal(settled.success, true);
  const next = await make_client(node, { salt: run + 1 }).call();
  assert.equal(next.status, 200);
  assert.deepEqual(next.requests.map((request) => request.type), ['unpaid', 'voucher', 'voucher']);
  return { ...answer, charged: settled.extra.chargedAmount };
}

// One that the server breaks off.
export async function broken(node) {
  return read(node, run + 2);
}

// Hangs up once the first event is there.
export async function hung_up(node) {
  const { response, payment, channel } = await open(node, run + 3);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let body = '';
  while (!body.includes('\n\n')) {
    const { done, value } = await reader.read();
    assert.ok(!done, 'the stream ended before its first event');
    body += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return { body, payment, channel };
}
