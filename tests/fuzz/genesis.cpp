// A genesis document that is read is written and read the same, and its hash does not depend on
// how it was spaced.
#include "ledger/chain/genesis.hpp"
#include "ledger/base/ensure.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto genesis = ledger::parse_genesis(ledger::as_text({data, size}));
    if (!genesis) {
        ledger::ensure(!genesis.error().detail.empty(), "a refusal says why");
        return 0;
    }
    ledger::ensure(ledger::check(*genesis).has_value(), "what is read has been checked");
    const auto again = ledger::parse_genesis(ledger::genesis_json(*genesis));
    ledger::ensure(again && *again == *genesis, "a document is read as it is written");
    ledger::ensure(ledger::document_hash(*again) == ledger::document_hash(*genesis),
                   "spaces do not change the hash");
    return 0;
}
