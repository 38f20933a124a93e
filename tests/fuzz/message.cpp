// Every message: the first two bytes choose it, the rest is its body. Bytes and JSON say the same.
#include "market/message.hpp"
#include "ledger/base/ensure.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const ledger::ByteView body{data + 2, size - 2};
    const auto type = static_cast<std::uint16_t>(data[0] % 128);
    const auto message = market::decode_message(type, data[1] == 2 ? 2 : 1, body);
    if (!message) {
        ledger::ensure(!message.error().detail.empty(), "a refusal says why");
        return 0;
    }
    ledger::ensure(data[1] != 2, "there is one version of messages");
    ledger::ensure(market::type_of(*message) == type, "a type is one message");
    ledger::ensure(market::encode_message(*message) == ledger::Bytes(body.begin(), body.end()),
                   "a message has one encoding");
    const auto network = ledger::Hash{};
    static_cast<void>(market::transaction_id(network, {}, *message));

    const auto read = market::message_from_json(market::message_json(*message));
    ledger::ensure(read && *read == *message, "JSON says what the bytes say");
    return 0;
}
