#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"

#include <optional>

namespace node {

/// The first frame on a connection, from both sides.
struct Hello {
    std::uint16_t version{};  ///< of the protocol; another one is refused
    ledger::ChainId chain_id;
    ledger::BlockId genesis;
    std::uint64_t epoch{};     ///< the sender's present one; a hint
    std::uint64_t features{};  ///< bits of `feature`; unknown ones are ignored
    std::uint64_t nonce{};     ///< drawn once by each process: who meets its own has met itself
    friend bool operator==(const Hello&, const Hello&) = default;
};
MILLRACE_DESCRIBE(Hello, (version, chain_id, genesis, epoch, features, nonce))

inline constexpr std::uint16_t transport_version = 1;

namespace feature {
/// The dialling side wants certificates and blocks, no transactions.
inline constexpr std::uint64_t certificates_only = 1;
/// The dialling side looks whether somebody is there, and hangs up.
inline constexpr std::uint64_t feeler = 2;
/// Knows the channel of provider pages; to others it is an unknown message, for which they hang up.
inline constexpr std::uint64_t providers = 4;
}  // namespace feature

ledger::Bytes encode_hello(const Hello&);
/// Of another version only the version is read: its other fields may be others.
ledger::Result<Hello> decode_hello(ledger::ByteView);

enum class HelloFault {
    malformed,
    other_version,
    other_chain,
    other_genesis,
    self_connection,  ///< our own nonce
    same_key,         ///< another process that has our peer key
};

/// Why `theirs`, from the holder of `their_key`, cannot be talked to. Pure.
std::optional<HelloFault> judge_hello(const Hello& ours, const ledger::PublicKey& our_key,
                                      const Hello& theirs, const ledger::PublicKey& their_key);

/// Of two connections to one peer both sides keep the same: the one that the smaller key
/// dialled, and the later when one side dialled both. True: the new one stays.
bool new_connection_stays(const ledger::PublicKey& ours, const ledger::PublicKey& theirs,
                          bool we_dialled_old, bool we_dialled_new);

}  // namespace node
