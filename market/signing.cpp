#include "market/signing.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/secp256k1.hpp"

namespace market {
namespace {

// Names and order of members are those of the contracts; the structs exist for their digests.
struct Voucher {
    ChannelId channel_id;
    ledger::Wide<128> max_claimable_amount;
};
MILLRACE_DESCRIBE(Voucher, (channel_id, max_claimable_amount))

struct ChainVoucher {
    ChannelId channel_id;
    ledger::Wide<128> base;
    ledger::Wide<128> unit;
    std::uint32_t length{};
    Hash root;
};
MILLRACE_DESCRIBE(ChainVoucher, (channel_id, base, unit, length, root))

struct Refund {
    ChannelId channel_id;
    ledger::Wide<256> nonce;
    ledger::Wide<128> amount;
};
MILLRACE_DESCRIBE(Refund, (channel_id, nonce, amount))

struct ClaimBatch {
    std::vector<ClaimEntry> claims;
};
MILLRACE_DESCRIBE(ClaimBatch, (claims))

struct TransferWithAuthorization {
    Address from;
    Address to;
    ledger::Wide<256> value;
    ledger::Wide<256> valid_after;
    ledger::Wide<256> valid_before;
    Hash nonce;
};
MILLRACE_DESCRIBE(TransferWithAuthorization, (from, to, value, valid_after, valid_before, nonce))

struct ReceiveWithAuthorization {
    Address from;
    Address to;
    ledger::Wide<256> value;
    ledger::Wide<256> valid_after;
    ledger::Wide<256> valid_before;
    Hash nonce;
};
MILLRACE_DESCRIBE(ReceiveWithAuthorization, (from, to, value, valid_after, valid_before, nonce))

struct TokenPermissions {
    Address token;
    ledger::Wide<256> amount;
};
MILLRACE_DESCRIBE(TokenPermissions, (token, amount))

struct Witness {
    Address to;
    Address facilitator;
    ledger::Wide<256> valid_after;
};
MILLRACE_DESCRIBE(Witness, (to, facilitator, valid_after))

struct PermitWitnessTransferFrom {
    TokenPermissions permitted;
    Address spender;
    ledger::eip712::Uint256 nonce;
    ledger::Wide<256> deadline;
    Witness witness;
};
MILLRACE_DESCRIBE(PermitWitnessTransferFrom, (permitted, spender, nonce, deadline, witness))

struct Possession {
    ledger::ChainId chain_id;
    ledger::BlockId genesis;
    Address account;
};
MILLRACE_DESCRIBE(Possession, (chain_id, genesis, account))

template <class T>
Hash digest_in(const Hash& domain, const T& value)
{
    return ledger::eip712::digest(domain, ledger::eip712::struct_hash(value));
}

ledger::Wide<256> wide(std::uint64_t value)
{
    return {value};
}

}  // namespace

ChannelId channel_id(const Network& network, const ChannelConfig& config)
{
    return ledger::retag<ChannelId>(digest_in(network.channels, config));
}

Hash voucher_digest(const Network& network, const ChannelId& channel, Amount max_claimable)
{
    return digest_in(network.channels, Voucher{channel, {max_claimable.micros()}});
}

Hash chain_voucher_digest(const Network& network, const ChannelId& channel, const ChainTerms& chain)
{
    return digest_in(
        network.channels,
        ChainVoucher{
            channel, {chain.base.micros()}, {chain.unit.micros()}, chain.length, chain.root});
}

Hash refund_digest(const Network& network, const ChannelId& channel, std::uint64_t nonce,
                   Amount amount)
{
    return digest_in(network.channels, Refund{channel, {nonce}, {amount.micros()}});
}

Hash claim_batch_digest(const Network& network, const std::vector<ClaimEntry>& claims)
{
    return digest_in(network.channels, ClaimBatch{claims});
}

Hash transfer_authorization_digest(const Network& network, const TransferWithAuth& auth)
{
    return digest_in(
        network.token,
        TransferWithAuthorization{auth.from, auth.to, wide(auth.value.micros()),
                                  wide(auth.valid_after), wide(auth.valid_before), auth.nonce});
}

Hash deposit_nonce(const ChannelId& channel, const Hash& salt)
{
    ledger::Keccak256 hasher;
    hasher.update(channel.view());
    hasher.update(salt.view());
    return hasher.finish();
}

Hash deposit_digest(const Network& network, const ChannelDeposit& deposit)
{
    const auto nonce = deposit_nonce(channel_id(network, deposit.config), deposit.salt);
    return digest_in(network.token, ReceiveWithAuthorization{
                                        deposit.config.payer, erc3009_deposit_collector,
                                        wide(deposit.amount.micros()), wide(deposit.valid_after),
                                        wide(deposit.valid_before), nonce});
}

Hash permit_digest(const Network& network, const PermitSettle& permit)
{
    const auto& witness = permit.witness;
    return digest_in(
        network.permits,
        PermitWitnessTransferFrom{{permit.permitted.token, wide(permit.permitted.amount.micros())},
                                  permit.spender,
                                  ledger::retag<ledger::eip712::Uint256>(permit.nonce),
                                  wide(permit.deadline),
                                  {witness.to, witness.facilitator, wide(witness.valid_after)}});
}

Hash receipt_digest(const Network& network, const UsageReceipt& receipt)
{
    return digest_in(network.receipts, receipt);
}

Hash batch_receipt_digest(const Network& network, const BatchReceipt& receipt)
{
    return digest_in(network.receipts, receipt);
}

Hash record_leaf(const UsageReceipt& record)
{
    return ledger::merkle_leaf(ledger::codec::encode(record));
}

Hash possession_digest(const Network& network, const Address& account)
{
    return ledger::tagged_sha256(
        "millrace/pop",
        ledger::codec::encode(Possession{network.genesis.chain_id, network.genesis_id, account}));
}

bool signed_by(const Address& signer, const Hash& digest, const Signature& signature)
{
    return ledger::recover(digest, signature) == signer;
}

bool voucher_signed(const ChannelConfig& config, const Hash& digest, const Signature& signature)
{
    const auto signer = ledger::recover(digest, signature);
    if (!signer) return false;
    return *signer == config.payer ||
           (!config.payer_authorizer.is_zero() && *signer == config.payer_authorizer);
}

}  // namespace market
