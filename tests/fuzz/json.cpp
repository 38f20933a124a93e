// The ledger's JSON: its canonical form is read as itself, and a message that is read is written
// and read the same.
#include "ledger/codec/json.hpp"
#include "ledger/base/ensure.hpp"
#include "market/message.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>

namespace {

bool has_floats(const nlohmann::json& value)
{
    if (value.is_number_float()) return true;
    if (!value.is_structured()) return false;
    for (const auto& item : value)
        if (has_floats(item)) return true;
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto json = ledger::codec::parse_json(ledger::as_text({data, size}));
    if (!json) return 0;
    const auto message = market::message_from_json(*json);
    if (message) {
        const auto again = market::message_from_json(market::message_json(*message));
        ledger::ensure(again && *again == *message, "a message is read as it is written");
    }
    if (has_floats(*json)) return 0;
    const auto canonical = ledger::codec::canonical_json(*json);
    const auto again = ledger::codec::parse_json(canonical);
    ledger::ensure(again && *again == *json, "the canonical form says the same");
    ledger::ensure(ledger::codec::canonical_json(*again) == canonical, "and is its own");
    return 0;
}
