// The least that can stand in a node's place: it shows that the driver itself is right.
// Prints its port; state is in memory; every call costs PRICE, every offer is AMOUNT.
import { createServer } from 'node:http';
import { computeChannelId } from '@x402/evm/batch-settlement/client';
import { encodeFunctionResult, parseAbi, recoverTypedDataAddress } from 'viem';

const CHAIN = 402077;
const ASSET = '0x00000000000000000000000000000000000000f1';
const SETTLEMENT = '0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003';
const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3';
const [AMOUNT, PRICE] = [1000n, 432n];
const MISMATCH = 'invalid_batch_settlement_evm_cumulative_amount_mismatch';
const network = `eip155:${CHAIN}`;
const abi = parseAbi(['function channels(bytes32) view returns (uint128, uint128)']);
const channels = new Map(); // id -> {balance, charged, signed, signature}

const to_base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64');
const common = { network, amount: `${AMOUNT}`, asset: ASSET, payTo: `0x${'a1'.padStart(40, '0')}`, maxTimeoutSeconds: 60 };
const token = { name: 'MKT', version: '1' };
const offers = [
  { scheme: 'batch-settlement', ...common,
    extra: { ...token, receiverAuthorizer: `0x${'b1'.padStart(40, '0')}`, withdrawDelay: 900, minDeposit: '3000' } },
  { scheme: 'exact', ...common, extra: token },
  { scheme: 'upto', ...common, extra: { ...token, facilitatorAddress: `0x${'fa'.padStart(40, '0')}` } },
];

const required = (error, extra = {}) => [402, 'PAYMENT-REQUIRED', {
  x402Version: 2, error, resource: { url: 'http://stub/' },
  accepts: offers.map((offer) => ({ ...offer, extra: { ...offer.extra, ...extra } })),
}];
const settled = (payer, amount, extra, transaction = '') =>
  [200, 'PAYMENT-RESPONSE', { success: true, transaction, network, payer, amount: `${amount}`, extra }];

const exact = async ({ authorization: a, signature }) => {
  const signer = await recoverTypedDataAddress({
    domain: { ...token, chainId: CHAIN, verifyingContract: ASSET }, signature, primaryType: 'TransferWithAuthorization',
    types: { TransferWithAuthorization: ['from:address', 'to:address', 'value:uint256', 'validAfter:uint256',
      'validBefore:uint256', 'nonce:bytes32'].map((field) => ({ name: field.split(':')[0], type: field.split(':')[1] })) },
    message: { ...a, value: BigInt(a.value), validAfter: BigInt(a.validAfter), validBefore: BigInt(a.validBefore) },
  });
  return signer === a.from ? settled(a.from, a.value, {}, `0x${'cd'.repeat(32)}`) : required('invalid_signature');
};

const fields = (...list) => list.map((field) => ({ name: field.split(':')[0], type: field.split(':')[1] }));
const upto = async ({ permit2Authorization: a, signature }) => {
  const signer = await recoverTypedDataAddress({
    domain: { name: 'Permit2', chainId: CHAIN, verifyingContract: PERMIT2 }, signature, primaryType: 'PermitWitnessTransferFrom',
    types: {
      PermitWitnessTransferFrom: fields('permitted:TokenPermissions', 'spender:address', 'nonce:uint256', 'deadline:uint256',
        'witness:Witness'),
      TokenPermissions: fields('token:address', 'amount:uint256'),
      Witness: fields('to:address', 'facilitator:address', 'validAfter:uint256'),
    },
    message: { permitted: { ...a.permitted, amount: BigInt(a.permitted.amount) }, spender: a.spender, nonce: BigInt(a.nonce),
      deadline: BigInt(a.deadline), witness: { ...a.witness, validAfter: BigInt(a.witness.validAfter) } },
  });
  return signer === a.from ? settled(a.from, PRICE, { chargedAmount: `${PRICE}` }, `0x${'cd'.repeat(32)}`)
    : required('invalid_permit2_signature');
};

const batch = async ({ type, channelConfig, voucher, deposit }) => {
  const id = computeChannelId(channelConfig, network);
  const channel = channels.get(id) ?? { balance: 0n, charged: 0n };
  const ceiling = BigInt(voucher.maxClaimableAmount);
  const signer = await recoverTypedDataAddress({
    domain: { name: 'x402 Batch Settlement', version: '1', chainId: CHAIN, verifyingContract: SETTLEMENT },
    types: { Voucher: [{ name: 'channelId', type: 'bytes32' }, { name: 'maxClaimableAmount', type: 'uint128' }] },
    primaryType: 'Voucher', message: { channelId: id, maxClaimableAmount: ceiling }, signature: voucher.signature,
  });
  if (signer !== channelConfig.payerAuthorizer) return required('invalid_batch_settlement_evm_voucher_signature');
  const state = () => ({ channelId: id, balance: `${channel.balance}`, totalClaimed: '0', withdrawRequestedAt: 0,
    refundNonce: '0', chargedCumulativeAmount: `${channel.charged}` });
  if (ceiling !== channel.charged + (type === 'refund' ? 0n : AMOUNT)) {
    return required(MISMATCH, { channelState: state(),
      ...(channel.signature && { voucherState: { signedMaxClaimable: `${channel.signed}`, signature: channel.signature } }) });
  }
  if (type === 'refund') {
    const amount = channel.balance - channel.charged;
    channel.balance = channel.charged;
    return settled(channelConfig.payer, amount, { channelState: state() });
  }
  channel.balance += BigInt(deposit?.amount ?? 0);
  if (ceiling > channel.balance) return required('invalid_batch_settlement_evm_cumulative_exceeds_balance');
  Object.assign(channel, { charged: channel.charged + PRICE, signed: ceiling, signature: voucher.signature });
  channels.set(id, channel);
  return settled(channelConfig.payer, deposit?.amount ?? PRICE, { chargedAmount: `${PRICE}`, channelState: state() });
};

const rpc = ({ id, method, params }) => {
  if (method === 'eth_chainId') return { jsonrpc: '2.0', id, result: `0x${CHAIN.toString(16)}` };
  const channel = channels.get(`0x${params[0].data.slice(10)}`) ?? { balance: 0n };
  return { jsonrpc: '2.0', id,
    result: encodeFunctionResult({ abi, functionName: 'channels', result: [channel.balance, 0n] }) };
};

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.url === '/rpc') return response.end(JSON.stringify(rpc(JSON.parse(Buffer.concat(chunks)))));
  const header = request.headers['payment-signature'];
  let answer = required('PAYMENT-SIGNATURE header is required');
  if (header) {
    const { accepted, payload } = JSON.parse(Buffer.from(header, 'base64'));
    answer = await ({ exact, upto }[accepted.scheme] ?? batch)(payload);
  }
  const [status, name, value] = answer;
  response.writeHead(status, { [name]: to_base64(value), 'Content-Type': 'application/json' }).end('{}');
}).listen(0, '127.0.0.1', function listening() { console.log(this.address().port); });
