#pragma once

#include "ledger/crypto/secp256k1_keys.hpp"
#include "ledger/crypto/x25519.hpp"
#include "market/heartbeat.hpp"
#include "market/messages/verify.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the parties to a lease write into their notes (docs/leases.md, "The board"): each is the
/// body of one topic, as JSON.
namespace wallet::rental {

/// The key that whoever says this has data sealed to: its account's, see `box_key`.
struct KeyNote {
    static constexpr std::string_view topic = "key";
    ledger::X25519PublicKey key;
};
MILLRACE_DESCRIBE(KeyNote, (key))

enum class BatchUse {
    job,     ///< model and job file
    data,    ///< samples
    state,   ///< the state before a segment, for who executes it again
    result,  ///< the newest state, for the tenant
};
BOOST_DESCRIBE_ENUM(BatchUse, job, data, state, result)

/// A sealed batch that its sender brings to the node.
struct BatchNote {
    static constexpr std::string_view topic = "batch";
    ledger::Hash root;
    ledger::Hash manifest;  ///< SHA-256 of its batch.json: the root says nothing of keys and sizes
    std::uint64_t bytes{};  ///< of ciphertext
    BatchUse use{};
    std::uint64_t number{};      ///< of the segment that begins with a state; place of data
    ledger::X25519PublicKey to;  ///< of `state` and `result`
};
MILLRACE_DESCRIBE(BatchNote, (root, manifest, bytes, use, number, to))

struct WrappedKey {
    ledger::Hash root;      ///< of the batch
    ledger::Bytes wrapped;  ///< sealing::wrap_bytes
};
MILLRACE_DESCRIBE(WrappedKey, (root, wrapped))

/// The keys of batches that are on the node, sealed to somebody.
struct KeysNote {
    static constexpr std::string_view topic = "keys";
    ledger::X25519PublicKey to;
    std::vector<WrappedKey> keys;  ///< at most `most_batches`
};
MILLRACE_DESCRIBE(KeysNote, (to, keys))

/// Of one order, so that all keys fit into one note.
inline constexpr std::size_t most_batches = 32;

struct HeartbeatNote {
    static constexpr std::string_view topic = "heartbeat";
    market::Heartbeat heartbeat;
    ledger::Signature signature;
};
MILLRACE_DESCRIBE(HeartbeatNote, (heartbeat, signature))

struct VoucherNote {
    static constexpr std::string_view topic = "voucher";
    market::LeaseVoucher voucher;
    ledger::Signature signature;
};
MILLRACE_DESCRIBE(VoucherNote, (voucher, signature))

/// A verifier or juror asks for what it needs to execute a segment again.
struct RequestNote {
    static constexpr std::string_view topic = "request";
    std::uint64_t segment{};
    ledger::X25519PublicKey key;
};
MILLRACE_DESCRIBE(RequestNote, (segment, key))

/// The provider cannot do the job.
struct FailedNote {
    static constexpr std::string_view topic = "failed";
    std::string reason;
};
MILLRACE_DESCRIBE(FailedNote, (reason))

/// The key that parties to leases seal data to: follows from the account's key, so that nothing has
/// to be kept.
ledger::X25519Key box_key(const ledger::SecretKey& account);

/// What an order's `data_root` is: the Merkle root (RFC 6962) over the roots of its sealed batches,
/// in their order; zero without any.
ledger::Hash data_root_of(const std::vector<ledger::Hash>& batches);

/// Of the batches that tenant and provider seal for one another: no dataset of the ledger.
ledger::Hash lease_dataset();

}  // namespace wallet::rental
