#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "node/peers/net_address.hpp"

#include <string_view>
#include <vector>

namespace node {

/// Where a peer says that it can be dialled, signed by its peer key. From a stranger it is a
/// hint where to look, never an order to connect.
struct AddressRecord {
    ledger::PublicKey key;
    std::vector<NetAddress> addresses;  ///< 1 to 4, ascending
    std::uint64_t sequence{};           ///< the highest wins
    std::uint64_t expires_s{};          ///< seconds since the Unix epoch
    ledger::Signature signature;        ///< over RecordSubject
    friend bool operator==(const AddressRecord&, const AddressRecord&) = default;
};
MILLRACE_DESCRIBE(AddressRecord, (key, addresses, sequence, expires_s, signature))

struct RecordLimits {
    static constexpr std::size_t addresses = 4;
    static constexpr std::uint64_t lifetime_s = 14 * 24 * 3600;
    static constexpr std::size_t records = 128;  ///< in one message; fits 32 KiB
};

enum class RecordFault {
    no_address,
    too_many_addresses,
    unordered_addresses,
    no_port,
    expired,
    lives_too_long,
    bad_signature
};

std::string_view name_of(RecordFault);

/// A record valid for `lifetime_s` from now. Tagged SHA-256 ("millrace/peer-record/v1") of the
/// network's genesis and the fields is what is signed, so a record of one network says nothing
/// on another.
AddressRecord make_record(const ledger::SecretKey& key, const ledger::BlockId& genesis,
                          std::vector<NetAddress> addresses, std::uint64_t sequence,
                          ledger::TimeMs now);

/// Shape and times first, the signature last.
ledger::Result<void, RecordFault> check_record(const AddressRecord& record,
                                               const ledger::BlockId& genesis, ledger::TimeMs now);

/// The payload of message::addresses; canonical.
ledger::Bytes encode_records(const std::vector<AddressRecord>&);
/// Error invalid, also above RecordLimits::records; the records are not checked.
ledger::Result<std::vector<AddressRecord>> decode_records(ledger::ByteView);

}  // namespace node
