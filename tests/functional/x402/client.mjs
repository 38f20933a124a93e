// A stock x402 client as any program would build it, plus a record of what it sent.
import { webcrypto } from 'node:crypto';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { toClientEvmSigner } from '@x402/evm';
import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { UptoEvmScheme } from '@x402/evm/upto/client';
import { createPublicClient, defineChain, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

globalThis.crypto ??= webcrypto; // Debian 12's node 18 has it only as a module

const from_base64 = (text) => JSON.parse(Buffer.from(text, 'base64').toString());

// node: {url, rpc, key, asset, chain, body} as in run.mjs. rpc false: the client can ask no ledger.
// calls: each deposit covers at least so many at the full price.
export function make_client(node, { scheme = 'batch-settlement', salt = 0, rpc = true, calls = 1 } = {}) {
  const account = privateKeyToAccount(node.key);
  const network = `eip155:${node.chain}`;
  let signer = account;
  if (rpc) {
    const chain = defineChain({
      id: Number(node.chain), name: 'millrace', rpcUrls: { default: { http: [node.rpc] } },
      nativeCurrency: { name: 'token', symbol: 'T', decimals: 6 },
    });
    signer = toClientEvmSigner(account, createPublicClient({ chain, transport: http(node.rpc, { retryCount: 0 }) }));
  }
  const make = {
    exact: () => new ExactEvmScheme(signer),
    upto: () => new UptoEvmScheme(signer),
    'batch-settlement': () => new BatchSettlementEvmScheme(signer, {
      salt: `0x${BigInt(salt).toString(16).padStart(64, '0')}`,
      depositStrategy: ({ depositAmount, requestAmount }) => {
        const [usual, covering] = [BigInt(depositAmount), BigInt(requestAmount) * BigInt(calls)];
        return usual > covering ? usual : covering;
      },
    }),
  };
  const evm = make[scheme]();
  const client = new x402Client().register('eip155:*', evm);
  client.setSpendControls({ allowedAssets: [{ network, asset: node.asset, maxAmountPerPayment: '1000000000' }] });

  const sent = []; // one entry for each HTTP request: {status, type, error, payment}
  const recorder = async (request, init) => {
    const payment = new Headers(request.headers ?? init?.headers).get('PAYMENT-SIGNATURE');
    const response = await fetch(request, init);
    const required = response.headers.get('PAYMENT-REQUIRED');
    sent.push({
      status: response.status,
      type: payment ? (from_base64(payment).payload.type ?? scheme) : 'unpaid',
      error: required ? from_base64(required).error : undefined,
      payment,
    });
    return response;
  };
  const pay = wrapFetchWithPayment(recorder, client);

  return {
    address: account.address,
    sent,
    fetch: pay,
    // One call to the model, or a GET of `url`; `settled` is what the server says it took, undefined
    // when it took nothing.
    async call(url) {
      const first = sent.length;
      const response = await (url ? pay(url) : pay(node.url, {
        method: 'POST', body: node.body, headers: { 'Content-Type': 'application/json' },
      }));
      const header = response.headers.get('PAYMENT-RESPONSE');
      return {
        status: response.status,
        body: await response.text(),
        settled: header ? from_base64(header) : undefined,
        header,
        requests: sent.slice(first),
      };
    },
    refund: (amount) => evm.refund(node.url, { amount, fetch: recorder }),
  };
}
