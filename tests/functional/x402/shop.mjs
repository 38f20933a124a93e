// Somebody else's server, as its author would build it with stock packages: express, the x402
// middleware, and a millrace node for the facilitator. It answers GET /exact, /upto and /channel.
import { webcrypto } from 'node:crypto';
import express from 'express';
import { HTTPFacilitatorClient } from '@x402/core/server';
import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/server';
import { ExactEvmScheme } from '@x402/evm/exact/server';
import { UptoEvmScheme } from '@x402/evm/upto/server';
import { paymentMiddleware, setSettlementOverrides, x402ResourceServer } from '@x402/express';
import { privateKeyToAccount } from 'viem/accounts';

globalThis.crypto ??= webcrypto;

export const CEILING = 2000n;
export const PRICE = 432n;

// facilitator: URL of the node. pay_to: who is paid. token: {name, version} of the asset.
// key: what the node knows the shop by. channel: {receiver, key} of a host whose channels the shop keeps; undefined: none.
export async function open_shop({ facilitator, chain, asset, token, pay_to, key, channel }) {
  const network = `eip155:${chain}`;
  const shown = { Authorization: `Bearer ${key}` };
  const client = new HTTPFacilitatorClient({
    url: facilitator, createAuthHeaders: async () => ({ verify: shown, settle: shown, supported: shown }),
  });
  const server = new x402ResourceServer(client).register(network, new ExactEvmScheme()).register(network, new UptoEvmScheme());
  const price = { amount: `${CEILING}`, asset, extra: token };
  const route = (scheme, payTo) => ({ accepts: { scheme, network, payTo, price, maxTimeoutSeconds: 60 } });
  const routes = { 'GET /exact': route('exact', pay_to), 'GET /upto': route('upto', pay_to) };
  let manager;
  if (channel) {
    const scheme = new BatchSettlementEvmScheme(channel.receiver, {
      receiverAuthorizerSigner: privateKeyToAccount(channel.key), withdrawDelay: 900,
    });
    server.register(network, scheme);
    routes['GET /channel'] = route('batch-settlement', channel.receiver);
    manager = scheme.createChannelManager(client, network, asset);
  }
  const app = express();
  app.use(paymentMiddleware(routes, server));
  app.get('/exact', (_, response) => response.json({ sold: 'exact' }));
  for (const path of ['/upto', '/channel'])
    app.get(path, (_, response) => {
      setSettlementOverrides(response, { amount: `${PRICE}` });
      response.json({ sold: path });
    });
  const listening = await new Promise((resolve) => {
    const opened = app.listen(0, '127.0.0.1', () => resolve(opened));
  });
  return {
    url: (path) => `http://127.0.0.1:${listening.address().port}${path}`,
    client,
    manager,
    close: () => listening.close(),
  };
}
