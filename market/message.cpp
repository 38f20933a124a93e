#include "market/message.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"

#include <array>

namespace market {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr std::size_t message_count = std::variant_size_v<Message>;

// In the order of the variant. Numbers are never reused; gaps leave room beside kin.
constexpr std::array<std::uint16_t, message_count> numbers{
    1, 2, 16, 17, 18, 19, 32, 33, 34, 35, 36, 37, 38, 48, 49, 50, 51, 52, 53, 54, 64, 65, 66, 80,
    96, 97, 98, 99, 100, 101, 3, 55, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92,
    // Leases and their verification.
    112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 128, 129, 130, 131, 132, 133, 134, 135,
    136,
    // Labels.
    144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154};

template <class Visit>
void for_each_message(Visit&& visit)
{
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<message_count>>([&](auto index) {
        visit(index, std::variant_alternative_t<decltype(index)::value, Message>{});
    });
}

}  // namespace

std::uint16_t type_of(const Message& message)
{
    return numbers[message.index()];
}

std::string_view name_of(const Message& message)
{
    return std::visit(
        [](const auto& m) { return ledger::codec::name_of<std::decay_t<decltype(m)>>(); }, message);
}

Bytes encode_message(const Message& message)
{
    return std::visit([](const auto& m) { return ledger::codec::encode(m); }, message);
}

Result<Message> decode_message(std::uint16_t type, std::uint8_t version, ByteView body)
{
    if (version != 1)
        return Error{ErrorKind::invalid, "unknown message version " + std::to_string(version)};
    Result<Message> decoded =
        Error{ErrorKind::invalid, "unknown message type " + std::to_string(type)};
    for_each_message([&](auto index, auto empty) {
        if (numbers[index] != type) return;
        using M = decltype(empty);
        auto read = ledger::codec::decode<M>(body);
        if (read)
            decoded = Message{std::move(*read)};
        else
            decoded = Error{read.error().kind,
                            std::string{ledger::codec::name_of<M>()} + ": " + read.error().detail};
    });
    return decoded;
}

nlohmann::json message_json(const Message& message)
{
    return std::visit(
        [&](const auto& m) {
            auto json = ledger::codec::to_json(m);
            json["type"] = std::string{name_of(message)};
            return json;
        },
        message);
}

Result<Message> message_from_json(const nlohmann::json& from)
{
    if (!from.is_object() || !from.contains("type") || !from["type"].is_string())
        return Error{ErrorKind::invalid, "a message is an object with a type"};
    const auto type = from["type"].get<std::string>();
    auto members = from;
    members.erase("type");
    Result<Message> read = Error{ErrorKind::invalid, "unknown message type " + type};
    for_each_message([&](auto, auto empty) {
        using M = decltype(empty);
        if (ledger::codec::name_of<M>() != type) return;
        auto parsed = ledger::codec::from_json<M>(members);
        if (parsed)
            read = Message{std::move(*parsed)};
        else
            read = Error{ErrorKind::invalid, type + ": " + parsed.error().detail};
    });
    return read;
}

TxId transaction_id(const Hash& domain_separator, const ledger::Transaction& envelope,
                    const Message& message)
{
    const auto hash = std::visit(
        [&](const auto& m) {
            using M = std::decay_t<decltype(m)>;
            return ledger::eip712::struct_hash(ledger::Envelope<M>{envelope.sender, envelope.lane,
                                                                   envelope.nonce, envelope.fee,
                                                                   envelope.valid_until, m});
        },
        message);
    return ledger::retag<TxId>(ledger::eip712::digest(domain_separator, hash));
}

ledger::Transaction make_transaction(const Address& sender, ledger::Lane lane, ledger::Nonce nonce,
                                     Amount fee, std::uint64_t valid_until, const Message& message)
{
    ledger::Transaction made;
    made.sender = sender;
    made.lane = lane;
    made.nonce = nonce;
    made.fee = fee;
    made.valid_until = valid_until;
    made.type = type_of(message);
    made.version = 1;
    made.body = encode_message(message);
    return made;
}

}  // namespace market
