#pragma once

#include "ledger/codec/describe.hpp"
#include "market/messages/channel.hpp"
#include "market/messages/transfer.hpp"
#include "wallet/client/failure.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wallet {

/// A payment that was sent and whose answer has not been seen: sent again unchanged, it costs
/// nothing more.
struct PendingCall {
    ledger::Hash request;  ///< SHA-256 of target, headers and body
    std::string header;    ///< PAYMENT-SIGNATURE
    ledger::Amount max_claimable;
    ledger::Amount deposit;  ///< zero for none
    friend bool operator==(const PendingCall&, const PendingCall&) = default;
};
MILLRACE_DESCRIBE(PendingCall, (request, header, max_claimable, deposit))

/// A link that was shown and whose answer has not been seen.
struct PendingLink {
    ledger::Hash request;   ///< as in PendingCall
    std::string header;     ///< PAYMENT-SIGNATURE
    std::uint32_t index{};  ///< of the link
    ledger::Amount amount;  ///< that the call was offered for
    ledger::Amount deposit;
    friend bool operator==(const PendingLink&, const PendingLink&) = default;
};
MILLRACE_DESCRIBE(PendingLink, (request, header, index, amount, deposit))

/// The chain that a channel is paid by, and the records that no signed batch covers yet.
struct ChainUse {
    market::ChainTerms terms;  ///< unit zero: there is none
    ledger::Signature signature;
    ledger::Hash seed;       ///< the last link: whoever has it can take all of the chain
    std::uint32_t used{};    ///< links that were charged
    bool opened = false;     ///< the host knows it
    bool in_full = false;    ///< the last call cost all that it was offered for
    ledger::Amount offered;  ///< for the last call
    ledger::Amount cover;    ///< what the channel held when the chain began
    std::optional<PendingLink> pending;
    std::uint64_t loose_from{};  ///< number of the first of `loose`
    std::vector<ledger::Hash> loose;
    friend bool operator==(const ChainUse&, const ChainUse&) = default;
};
MILLRACE_DESCRIBE(ChainUse, (terms, signature, seed, used, opened, in_full, offered, cover, pending,
                             loose_from, loose))

/// What the payer must not forget about a channel.
struct ChannelFile {
    market::ChannelConfig config;
    std::string node;           ///< URL where it is used
    std::string target;         ///< path last paid for, for refunds
    ledger::Amount charged;     ///< cumulative, as the last verified receipt says
    ledger::Amount signed_max;  ///< highest ceiling ever signed, or link ever shown
    std::uint64_t seq{};        ///< of the last receipt
    std::optional<PendingCall> pending;
    ChainUse chain = {};  ///< not in files of before it was known
    friend bool operator==(const ChannelFile&, const ChannelFile&) = default;
};
MILLRACE_DESCRIBE(ChannelFile, (config, node, target, charged, signed_max, seq, pending, chain))

/// A payment for one call, a transfer or a permit, whose answer has not been seen. Signing another
/// one would pay twice.
struct PendingTransfer {
    ledger::Hash digest;  ///< what was signed
    ledger::Amount most;  ///< a transfer moves all of it
    bool permit = false;
    std::string header;  ///< PAYMENT-SIGNATURE
    friend bool operator==(const PendingTransfer&, const PendingTransfer&) = default;
};
MILLRACE_DESCRIBE(PendingTransfer, (digest, most, permit, header))

struct SignedReceipt {
    market::UsageReceipt receipt;
    ledger::Signature signature;  ///< zero for the record of a call paid by links
    ledger::Amount voucher_max;
    ledger::Signature voucher_signature;
    std::string target;
};
MILLRACE_DESCRIBE(SignedReceipt, (receipt, signature, voucher_max, voucher_signature, target))

struct SignedBatch {
    market::BatchReceipt receipt;
    ledger::Signature signature;
};
MILLRACE_DESCRIBE(SignedBatch, (receipt, signature))

/// Channels, receipts and unanswered transfers under the wallet's home: channels/ID.json,
/// receipts/ID/SEQ.json and transfers/CALL.json, for the owner only. Every write replaces the whole
/// file and is on disk when it returns: after a crash there is the file before or the file after,
/// never a part.
class ChannelFolder {
public:
    static Outcome<ChannelFolder> open(const std::filesystem::path& home);

    /// Empty when there is none; `failed` when it is damaged: the voucher count is then asked of
    /// the host (remove the file).
    Outcome<std::optional<ChannelFile>> load(const market::ChannelId&) const;
    Outcome<void> save(const market::ChannelId&, const ChannelFile&) const;
    Outcome<std::vector<market::ChannelId>> list() const;

    Outcome<void> save_receipt(const SignedReceipt&) const;
    /// A batch under receipts/ID/batch-LAST.json, by the number of its last record.
    Outcome<void> save_batch(const SignedBatch&) const;
    /// The newest first, at most `most`.
    Outcome<std::vector<SignedReceipt>> receipts(const market::ChannelId&, std::size_t most) const;

    /// `call` names a request to one node. Empty when nothing of it is unanswered.
    Outcome<std::optional<PendingTransfer>> load_transfer(const ledger::Hash& call) const;
    Outcome<void> save_transfer(const ledger::Hash& call, const PendingTransfer&) const;
    Outcome<void> forget_transfer(const ledger::Hash& call) const;

    /// One process at a time uses a channel; released by its destructor. Empty while another one
    /// has it.
    class Lock {
    public:
        explicit Lock(int descriptor) : descriptor_{descriptor} {}
        Lock(Lock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
        Lock& operator=(Lock&&) = delete;
        ~Lock();

    private:
        int descriptor_;
    };
    Outcome<std::optional<Lock>> try_lock(const market::ChannelId&) const;

private:
    explicit ChannelFolder(std::filesystem::path home) : home_{std::move(home)} {}
    std::filesystem::path file_of(const market::ChannelId&) const;
    std::filesystem::path file_of(const ledger::Hash& call) const;

    std::filesystem::path home_;
};

/// Replaces a file (mode 0600) as a whole; on disk when it returns.
Outcome<void> replace_private_file(const std::filesystem::path&, std::string_view text);

}  // namespace wallet
