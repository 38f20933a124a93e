#include "node/peers/address_record.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace node {

using ledger::Bytes;
using ledger::ByteView;

namespace {

ledger::Hash digest_of(const AddressRecord& record, const ledger::BlockId& genesis)
{
    static const ledger::TaggedHasher hasher{"millrace/peer-record/v1"};
    ledger::codec::Writer writer;
    writer.put(genesis);
    writer.put(record.key);
    writer.put(record.addresses);
    writer.put(record.sequence);
    writer.put(record.expires_s);
    return hasher(writer.take());
}

}  // namespace

std::string_view name_of(RecordFault fault)
{
    switch (fault) {
        case RecordFault::no_address:
            return "no_address";
        case RecordFault::too_many_addresses:
            return "too_many_addresses";
        case RecordFault::unordered_addresses:
            return "unordered_addresses";
        case RecordFault::no_port:
            return "no_port";
        case RecordFault::expired:
            return "expired";
        case RecordFault::lives_too_long:
            return "lives_too_long";
        case RecordFault::bad_signature:
            return "bad_signature";
    }
    return "?";
}

AddressRecord make_record(const ledger::SecretKey& key, const ledger::BlockId& genesis,
                          std::vector<NetAddress> addresses, std::uint64_t sequence,
                          ledger::TimeMs now)
{
    std::sort(addresses.begin(), addresses.end());
    AddressRecord record{ledger::public_key(key),
                         std::move(addresses),
                         sequence,
                         now.value / 1000 + RecordLimits::lifetime_s,
                         {}};
    record.signature = ledger::sign(key, digest_of(record, genesis));
    return record;
}

ledger::Result<void, RecordFault> check_record(const AddressRecord& record,
                                               const ledger::BlockId& genesis, ledger::TimeMs now)
{
    const auto& addresses = record.addresses;
    if (addresses.empty()) return RecordFault::no_address;
    if (addresses.size() > RecordLimits::addresses) return RecordFault::too_many_addresses;
    // Ascending without repeats: one encoding for one set.
    if (std::adjacent_find(addresses.begin(), addresses.end(), std::greater_equal<>{}) !=
        addresses.end())
        return RecordFault::unordered_addresses;
    for (const auto& address : addresses)
        if (address.port == 0) return RecordFault::no_port;
    const auto now_s = now.value / 1000;
    if (record.expires_s <= now_s) return RecordFault::expired;
    // An hour more than a record lives: clocks differ.
    if (record.expires_s - now_s > RecordLimits::lifetime_s + 3600)
        return RecordFault::lives_too_long;
    if (ledger::recover_key(digest_of(record, genesis), record.signature) != record.key)
        return RecordFault::bad_signature;
    return {};
}

Bytes encode_records(const std::vector<AddressRecord>& records)
{
    return ledger::codec::encode(records);
}

ledger::Result<std::vector<AddressRecord>> decode_records(ByteView bytes)
{
    auto records = ledger::codec::decode<std::vector<AddressRecord>>(bytes);
    if (records && records->size() > RecordLimits::records)
        return ledger::Error{ledger::ErrorKind::invalid, "too many address records"};
    return records;
}

}  // namespace node
