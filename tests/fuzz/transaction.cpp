// A transaction has one encoding, down to its message; what cannot be checked is refused.
#include "ledger/base/ensure.hpp"
#include "market/execute.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const market::Network network{ledger::Genesis{}, ledger::BlockId{}};
    const ledger::ByteView bytes{data, size};
    const auto envelope = ledger::decode_transaction(bytes);
    const auto checked = market::decode_checked(network, {data, data + size});
    if (!envelope) {
        ledger::ensure(!checked && !envelope.error().detail.empty(), "a refusal says why");
        return 0;
    }
    ledger::ensure(ledger::encode_transaction(*envelope) == ledger::Bytes(data, data + size),
                   "a transaction has one encoding");
    if (checked) {
        ledger::ensure(market::encode_message(checked->message) == envelope->body,
                       "a message has one encoding");
        ledger::ensure(market::type_of(checked->message) == envelope->type,
                       "a type is one message");
        ledger::ensure(checked->wire_id == ledger::wire_id(bytes), "the wire id is of these bytes");
    }
    const auto signed_by = market::check_transaction(network, bytes);
    ledger::ensure(!signed_by || checked.has_value(), "a signature does not make up for the rest");
    return 0;
}
