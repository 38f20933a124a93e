// A batch's file on a device, from any bytes: what is read of it fits together, and reading it
// costs no more memory than it has bytes. The first byte tells whether the sums are made right
// first, so that the bodies are reached as well.
#include "edge/queue/signed_batch.hpp"
#include "ledger/base/ensure.hpp"
#include "ledger/sealing/leaf_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace edge;
using ledger::Bytes;
using ledger::ByteView;
using ledger::ensure;
using ledger::Result;

namespace {

class BytesFile final : public ledger::File {
public:
    explicit BytesFile(Bytes bytes) : bytes_{std::move(bytes)} {}
    Result<void> write(std::uint64_t, ByteView) override { return refused(); }
    Result<void> sync() override { return refused(); }
    Result<Bytes> read(std::uint64_t offset, std::size_t at_most) const override
    {
        const auto from = std::min<std::uint64_t>(offset, bytes_.size());
        const auto part = ByteView{bytes_}.subspan(static_cast<std::size_t>(from));
        const auto got = part.first(std::min(at_most, part.size()));
        return Bytes{got.begin(), got.end()};
    }
    Result<std::uint64_t> size() const override { return bytes_.size(); }
    Result<void> truncate(std::uint64_t) override { return refused(); }
    Result<void> preallocate(std::uint64_t) override { return refused(); }

private:
    static ledger::Error refused() { return {ledger::ErrorKind::denied, "read only"}; }
    Bytes bytes_;
};

/// Pieces u8 type, u16 length, body, as records of file 1 with their sums.
Bytes as_records(ByteView pieces)
{
    Bytes file;
    std::uint32_t seq = 0;
    while (pieces.size() >= 3) {
        const auto type = static_cast<RecordType>(pieces[0]);
        const auto length =
            std::min<std::size_t>(std::size_t{pieces[1]} << 8 | pieces[2], pieces.size() - 3);
        ledger::append(file, encode_record(1, type, seq++, pieces.subspan(3, length)));
        pieces = pieces.subspan(3 + length);
    }
    return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const ByteView rest{data + 1, size - 1};
    const BytesFile file{data[0] % 2 == 0 ? Bytes{rest.begin(), rest.end()} : as_records(rest)};
    const auto image = BatchImage::scan(file, 1);
    if (!image) {
        const auto kind = image.error().kind;
        ensure(kind == ledger::ErrorKind::corrupt || kind == ledger::ErrorKind::not_found,
               "bad bytes are corrupt, or nothing");
        return 0;
    }
    ensure(image->records_end() <= *file.size(), "records end within the file");
    if (image->sealed_bytes() == 0) return 0;
    ensure(image->sealed_bytes() <= *file.size(), "no byte is told twice");
    ensure(
        ledger::sealing::check_sizes(image->key_hashes().size(), image->sealed_bytes()).has_value(),
        "the sizes of a batch fit together");
    std::uint64_t bytes = 0;
    const auto root = root_of(file, *image, [&](ByteView chunk, const ledger::sealing::Leaf&) {
        bytes += chunk.size();
        return Result<void>{};
    });
    ensure(bytes == image->sealed_bytes(), "every byte is read once");
    if (root) ensure(contribution_of(*image, *root).wraps.size() >= 1, "a batch has a master");
    return 0;
}
