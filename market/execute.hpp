#pragma once

#include "ledger/chain/transaction.hpp"
#include "ledger/state/overlay.hpp"
#include "market/message.hpp"
#include "market/network.hpp"
#include "market/receipt.hpp"
#include "market/state/state.hpp"

#include <span>

/// The state transition function: pure, the same on every node.
namespace market {

/// A transaction whose bytes, message and signature have been checked; by whom does not matter,
/// the check depends on the bytes and the network alone.
struct CheckedTransaction {
    ledger::Transaction envelope;
    Message message;
    TxId id;
    ledger::WireId wire_id;
    Bytes encoded;
};

/// Decodes and checks everything that needs no state: form, message, lane, signature.
ledger::Result<CheckedTransaction> check_transaction(const Network&, ByteView encoded);

/// The same without the signature: for what this node has checked before.
ledger::Result<CheckedTransaction> decode_checked(const Network&, Bytes encoded);

/// Why an envelope cannot be in the next block.
enum class EnvelopeFault {
    wrong_nonce,
    expired,
    valid_too_long,
    fee_too_low,
    fee_not_zero,  ///< a credit network takes none
    fee_not_covered,
    not_admitted,
    quota_used_up,
    hashing_used_up,  ///< good in a later block: this one hashes as many links as it may
};
BOOST_DESCRIBE_ENUM(EnvelopeFault, wrong_nonce, expired, valid_too_long, fee_too_low, fee_not_zero,
                    fee_not_covered, not_admitted, quota_used_up, hashing_used_up)

/// Next nonce of a lane.
ledger::Nonce next_nonce(const View&, const Address&, ledger::Lane);

/// Checks the envelope against the state it would execute on, in a block with this time.
/// What passes is executable: it is included, pays its fee and uses its nonce even when a rule
/// refuses its message. `bytes` is the length of its encoding.
ledger::Result<void, EnvelopeFault> check_envelope(const View&, const Network&,
                                                   const ledger::Transaction&, std::size_t bytes,
                                                   TimeMs now);

/// The least fee of a message that shall not be refused for its fee: more than the network's least
/// where links are hashed, data is sold or a lease is checked, `min_fee` for each
/// ChainLimits::hashes_per_fee begun.
Amount least_fee(const View&, const Network&, const Message&);
/// The same where no state is at hand, of every message but ChannelChainClaim.
Amount least_fee(const Network&, const Message&);

/// Where a block stands and who is paid its fees.
struct BlockContext {
    Height height;
    TimeMs now;
    Address payout;
    ledger::BlockId parent = {};  ///< opens an epoch by its first block; draws what previews show
};

/// Executes transactions one by one on a layer over the state; `finish` ends the block.
class BlockExecution {
public:
    BlockExecution(const ledger::StateView& before, const Network&, const BlockContext&);

    /// Refuses a bad envelope and changes nothing; else executes and keeps the receipt.
    ledger::Result<void, EnvelopeFault> add(const CheckedTransaction&);

    struct Outcome {
        ledger::StateDiff diff;
        std::vector<Receipt> receipts;
        /// Set when the block changes the validators: it is a seal, and these decide from the next
        /// epoch on (consensus.md 8).
        std::optional<ledger::ValidatorSet> next_set = {};
    };
    /// Pays the fees to the proposer, lets validators come and go, and hands everything over.
    /// Once.
    Outcome finish();

    const std::vector<Receipt>& receipts() const { return receipts_; }

private:
    const Network& network_;
    BlockContext block_;
    ledger::Overlay overlay_;
    std::vector<Receipt> receipts_;
    Amount fees_;
    std::uint32_t evidence_ = 0;     ///< pieces looked at
    std::uint64_t link_hashes_ = 0;  ///< at most ChainLimits::block_hashes
};

/// Applies one message as `sender` at that time without an envelope: what simulation before
/// sending uses. The overlay keeps the changes only when the rule accepts.
Verdict apply_message(ledger::Overlay&, const Network&, const BlockContext&, const Address& sender,
                      const TxId&, const Message&, std::vector<Event>& events);

/// State changes of block 0.
ledger::StateDiff genesis_state(const ledger::Genesis&);

}  // namespace market
