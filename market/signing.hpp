#pragma once

#include "market/messages/channel.hpp"
#include "market/messages/transfer.hpp"
#include "market/network.hpp"

#include <optional>
#include <vector>

/// Digests of what people sign outside the transaction envelope, as x402 2.27 and EIP-3009 have
/// them. Each type is signed in its own domain, so that none can pass for another.
namespace market {

ChannelId channel_id(const Network&, const ChannelConfig&);

/// Voucher{bytes32 channelId,uint128 maxClaimableAmount}
Hash voucher_digest(const Network&, const ChannelId&, Amount max_claimable);

/// ChainVoucher{bytes32 channelId,uint128 base,uint128 unit,uint32 length,bytes32 root}; ours, in
/// the same domain.
Hash chain_voucher_digest(const Network&, const ChannelId&, const ChainTerms&);

/// Refund{bytes32 channelId,uint256 nonce,uint128 amount}
Hash refund_digest(const Network&, const ChannelId&, std::uint64_t nonce, Amount amount);

struct ClaimEntry {
    ChannelId channel_id;
    ledger::Wide<128> max_claimable_amount;
    ledger::Wide<128> total_claimed;
};
MILLRACE_DESCRIBE(ClaimEntry, (channel_id, max_claimable_amount, total_claimed))

/// ClaimBatch{ClaimEntry[] claims}
Hash claim_batch_digest(const Network&, const std::vector<ClaimEntry>&);

/// EIP-3009 TransferWithAuthorization in the token's domain.
Hash transfer_authorization_digest(const Network&, const TransferWithAuth&);

/// Nonce of the deposit's authorization: keccak256(abi.encode(channelId, uint256 salt)).
Hash deposit_nonce(const ChannelId&, const Hash& salt);

/// EIP-3009 ReceiveWithAuthorization of a deposit, payable to the x402 deposit collector.
Hash deposit_digest(const Network&, const ChannelDeposit&);

/// Permit2's PermitWitnessTransferFrom with the witness of x402's scheme upto.
Hash permit_digest(const Network&, const PermitSettle&);

Hash receipt_digest(const Network&, const UsageReceipt&);

/// In the domain of receipts.
Hash batch_receipt_digest(const Network&, const BatchReceipt&);

/// Leaf of a BatchReceipt's tree.
Hash record_leaf(const UsageReceipt&);

/// What a validator's consensus key signs to show that its owner agrees to be this account's:
/// tagged SHA-256 ("millrace/pop") of chain id, genesis id and account.
Hash possession_digest(const Network&, const Address& account);

/// True when `signature` is by `signer`.
bool signed_by(const Address& signer, const Hash& digest, const Signature& signature);

/// Vouchers of a channel are signed by its payer authorizer or its payer.
bool voucher_signed(const ChannelConfig&, const Hash& digest, const Signature& signature);

}  // namespace market
