// What a stock client does against a node. Each scenario asserts and returns a few numbers.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { make_client } from './client.mjs';

// Channels of their own for each run, so that a node which remembers the last run sees new ones.
const run = randomInt(2 ** 40) * 8;
const types = (answer) => answer.requests.map((request) => request.type);

function paid(answer, before = 0n) {
  assert.equal(answer.status, 200, `${answer.status} ${JSON.stringify(answer.requests)} ${answer.body.slice(0, 300)}`);
  assert.equal(answer.settled?.success, true);
  const { chargedAmount, channelState } = answer.settled.extra;
  assert.ok(BigInt(chargedAmount) >= 1n, 'a paid call charges at least one unit');
  assert.equal(BigInt(channelState.chargedCumulativeAmount), before + BigInt(chargedAmount));
  return BigInt(channelState.chargedCumulativeAmount);
}

// The first call opens the channel with its deposit, those after it send vouchers alone.
export async function vouchers(node) {
  const client = make_client(node, { salt: run + 1, rpc: false, calls: 6 });
  let charged = 0n;
  for (let call = 0; call < 6; ++call) {
    const answer = await client.call();
    charged = paid(answer, charged);
    assert.deepEqual(types(answer), ['unpaid', call === 0 ? 'deposit' : 'voucher']);
  }
  return { calls: 6, charged: charged.toString() };
}

// A channel that runs low is filled again by the call that finds it so.
export async function top_up(node) {
  const client = make_client(node, { salt: run + 2, rpc: false });
  let charged = 0n;
  let deposits = 0;
  let calls = 0;
  while (deposits < 2) {
    assert.ok(++calls <= 500, 'no top-up within 500 calls: is minDeposit far above the price?');
    const answer = await client.call();
    charged = paid(answer, charged);
    deposits += types(answer).includes('deposit') ? 1 : 0;
  }
  return { calls, charged: charged.toString() };
}

// A client that forgot its channel asks the ledger, is corrected once, and goes on from there.
export async function recover(node) {
  const before = make_client(node, { salt: run + 3, rpc: false, calls: 4 });
  const opened = paid(await before.call());
  const charged = paid(await before.call(), opened);

  const blind = await make_client(node, { salt: run + 3, rpc: false }).call();
  assert.equal(blind.status, 402, 'without the ledger nothing can be recovered');
  assert.equal(blind.settled?.success ?? false, false);

  const answer = await make_client(node, { salt: run + 3 }).call();
  assert.deepEqual(types(answer), ['unpaid', 'voucher', 'voucher']);
  assert.equal(answer.requests[1].error, 'invalid_batch_settlement_evm_cumulative_amount_mismatch');
  return { charged: paid(answer, charged).toString() };
}

// What is left in the channel comes back without a call to the model; then the channel opens anew.
export async function refund(node) {
  const client = make_client(node, { salt: run + 4 });
  const charged = paid(await client.call());
  const answer = await client.refund();
  assert.equal(answer.success, true);
  assert.deepEqual(client.sent.slice(-2).map((request) => request.type), ['unpaid', 'refund']);
  const again = await client.call();
  assert.ok(types(again).includes('deposit'));
  return { refunded: answer.amount, charged: paid(again, charged).toString() };
}

// One signed transfer for one call; no channel.
export async function exact(node) {
  const client = make_client(node, { scheme: 'exact', rpc: false });
  const answer = await client.call();
  assert.equal(answer.status, 200, `${answer.status} ${JSON.stringify(answer.requests)} ${answer.body.slice(0, 300)}`);
  assert.deepEqual(types(answer), ['unpaid', 'exact']);
  assert.equal(answer.settled?.success, true);
  assert.match(answer.settled.transaction, /^0x[0-9a-f]{64}$/);
  return { transaction: answer.settled.transaction };
}

// One permit for one call: the client signs a ceiling, the node settles what the call cost.
export async function upto(node) {
  const client = make_client(node, { scheme: 'upto', rpc: false });
  const answer = await client.call();
  assert.equal(answer.status, 200, `${answer.status} ${JSON.stringify(answer.requests)} ${answer.body.slice(0, 300)}`);
  assert.deepEqual(types(answer), ['unpaid', 'upto']);
  assert.equal(answer.settled?.success, true);
  assert.match(answer.settled.transaction, /^0x[0-9a-f]{64}$/);
  const signed = JSON.parse(Buffer.from(answer.requests[1].payment, 'base64')).accepted.amount;
  const charged = BigInt(answer.settled.amount);
  assert.ok(charged >= 1n && charged < BigInt(signed), `${charged} of ${signed}`);
  return { transaction: answer.settled.transaction, charged: `${charged}`, signed };
}

// One paid call with everything that is needed to ask for it again.
export async function one_call(node) {
  const answer = await make_client(node, { salt: run + 5, rpc: false }).call();
  const charged = paid(answer);
  return { charged: charged.toString(), channel: answer.settled.extra.channelState.channelId,
    payment: answer.requests.at(-1).payment, settled: answer.header, body: answer.body };
}
