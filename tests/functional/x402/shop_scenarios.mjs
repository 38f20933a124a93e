// What a stock client does at somebody else's stock server whose facilitator is the node.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { make_client } from './client.mjs';
import { CEILING, PRICE, open_shop } from './shop.mjs';

const need = (name) => process.env[name] ?? assert.fail(`${name} is not set`);

async function with_shop(node, channel, visit) {
  const shop = await open_shop({
    facilitator: new URL(node.url).origin, chain: node.chain, asset: node.asset, channel,
    token: { name: need('TOKEN'), version: need('VERSION') }, pay_to: need('PAY_TO'), key: need('SHOP_KEY'),
  });
  try {
    return await visit(shop);
  } finally {
    shop.close();
  }
}

function sold(answer, path) {
  assert.equal(answer.status, 200, `${answer.status} ${JSON.stringify(answer.requests)} ${answer.body.slice(0, 300)}`);
  assert.equal(JSON.parse(answer.body).sold, path);
  assert.equal(answer.settled?.success, true, JSON.stringify(answer.settled));
  return answer.settled;
}

export async function shop_exact(node) {
  return with_shop(node, undefined, async (shop) => {
    const client = make_client(node, { scheme: 'exact', rpc: false });
    const first = sold(await client.call(shop.url('/exact')), 'exact');
    const second = sold(await client.call(shop.url('/exact')), 'exact');
    assert.notEqual(first.transaction, second.transaction);
    // The same payment buys nothing more.
    const again = await fetch(shop.url('/exact'), { headers: { 'PAYMENT-SIGNATURE': client.sent[1].payment } });
    assert.equal(again.status, 402);
    return { transaction: first.transaction, paid: `${2n * CEILING}` };
  });
}

export async function shop_upto(node) {
  return with_shop(node, undefined, async (shop) => {
    const client = make_client(node, { scheme: 'upto', rpc: false });
    const settled = sold(await client.call(shop.url('/upto')), '/upto');
    assert.equal(settled.amount, `${PRICE}`);
    const again = await fetch(shop.url('/upto'), { headers: { 'PAYMENT-SIGNATURE': client.sent[1].payment } });
    assert.equal(again.status, 402);
    return { transaction: settled.transaction, paid: settled.amount };
  });
}

// A shop with channels: deposit, vouchers that never leave it, one claim, its settlement, a refund.
export async function shop_channel(node) {
  const offers = await (await fetch(node.url, { method: 'POST' })).headers.get('PAYMENT-REQUIRED');
  const exact = JSON.parse(Buffer.from(offers, 'base64')).accepts.find((offer) => offer.scheme === 'exact');
  return with_shop(node, { receiver: exact.payTo, key: need('AUTHORIZER') }, async (shop) => {
    const client = make_client(node, { salt: randomInt(2 ** 40), calls: 20 });
    for (let call = 1n; call <= 4n; ++call) {
      const settled = sold(await client.call(shop.url('/channel')), '/channel');
      assert.equal(settled.extra.channelState.chargedCumulativeAmount, `${call * PRICE}`, JSON.stringify(settled));
    }
    assert.deepEqual(client.sent.filter((request) => request.type !== 'unpaid').map((request) => request.type),
      ['deposit', 'voucher', 'voucher', 'voucher']);
    const claims = await shop.manager.claim();
    assert.equal(claims.length, 1);
    // The claim settles once its dispute window is over.
    let settled;
    for (let tries = 0; !settled; ++tries) {
      settled = await shop.manager.settle().catch((error) => {
        assert.ok(tries < 120 && /nothing_to_settle/.test(error.message), error.message);
      });
      if (!settled) await new Promise((resolve) => { setTimeout(resolve, 500); });
    }
    const refunds = await shop.manager.refund();
    assert.equal(refunds.length, 1);
    return { claim: claims[0].transaction, settle: settled.transaction, refund: refunds[0].transaction,
      charged: `${4n * PRICE}` };
  });
}
