// What blocks are made of: the first byte chooses header, body, certificate or receipts. Each has
// one encoding, and a certificate that nobody signed holds nowhere.
#include "ledger/base/ensure.hpp"
#include "ledger/chain/block.hpp"
#include "ledger/chain/certificate.hpp"
#include "ledger/codec/binary.hpp"
#include "market/receipt.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace ledger;

void same(const Bytes& again, ByteView bytes)
{
    ensure(again == Bytes(bytes.begin(), bytes.end()), "what is read has one encoding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1) return 0;
    const ByteView bytes{data + 1, size - 1};
    switch (data[0] % 4) {
        case 0:
            if (const auto header = decode_header(bytes)) {
                same(encode_header(*header), bytes);
                ensure(!block_id(*header).is_zero(), "a header has an id");
            }
            break;
        case 1:
            if (const auto body = decode_body(bytes)) same(encode_body(*body), bytes);
            break;
        case 2:
            if (const auto certificate = decode_certificate(bytes)) {
                same(encode_certificate(*certificate), bytes);
                Validator validator;
                validator.power = 1'000;
                ensure(!verify(*certificate, {1}, {}, {validator}), "nobody signed for this key");
            }
            break;
        default:
            if (const auto receipts = codec::decode<std::vector<market::Receipt>>(bytes))
                same(codec::encode(*receipts), bytes);
    }
    return 0;
}
