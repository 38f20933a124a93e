// What a device says of a batch and has signed: what is read is a message that has one encoding,
// and whoever signed it is who it names.
#include "market/device_statement.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/contribution.hpp"
#include "tests/support/test_network.hpp"

using namespace ledger;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const auto network = node::test_network();
    const auto parsed = codec::parse_json(as_text({data, size}), {market::statement_bytes, 5});
    if (!parsed) return 0;
    const auto said = market::read_statement(*network, *parsed);
    if (!said) {
        ensure(!said.error().detail.empty(), "a refusal says why");
        return 0;
    }
    const auto bytes = codec::encode(*said);
    ensure(*codec::decode<market::DataContribute>(bytes) == *said, "a contribution is the same");
    ensure(recover(market::contribution_digest(*network, *said), said->device_signature) ==
               said->device,
           "the device is who signed");
    return 0;
}
