// The first byte is the message's type. What decodes has one encoding, within its type's limit.
#include "ledger/base/ensure.hpp"
#include "ledger/consensus/messages.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ledger;
    if (size < 1) return 0;
    const ByteView bytes{data + 1, size - 1};
    const auto message = consensus::decode_message(data[0], bytes);
    if (!message) return 0;
    ensure(consensus::type_of(*message) == data[0], "a message is of the type it came under");
    ensure(bytes.size() <= consensus::message_limit(data[0]), "a message is within its limit");
    ensure(consensus::encode_message(*message) == Bytes(bytes.begin(), bytes.end()),
           "what is read has one encoding");
    return 0;
}
