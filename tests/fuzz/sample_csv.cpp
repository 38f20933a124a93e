// Rows that are read are read again as the same from what a writer makes of them, and pieces make
// no difference. The first byte says how large these are.
#include "ledger/base/ensure.hpp"
#include "samples/csv.hpp"

#include <algorithm>

namespace {

using Rows = std::vector<std::vector<std::string>>;
using ledger::ByteView;

ledger::Result<Rows> rows_of(ByteView text, std::size_t piece)
{
    Rows rows;
    samples::CsvReader reader{{',', 1 << 16, 256},
                              [&](std::uint64_t, std::span<const std::string_view> fields) {
                                  rows.emplace_back(fields.begin(), fields.end());
                                  return ledger::Result<void>{};
                              }};
    while (!text.empty()) {
        const auto now = text.first(std::min(piece, text.size()));
        text = text.subspan(now.size());
        if (const auto read = reader.read(now); !read) return read.error();
    }
    if (const auto ended = reader.finish(); !ended) return ended.error();
    return rows;
}

std::string written(const Rows& rows)
{
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += i == 0 ? "\"" : ",\"";
            for (const auto letter : row[i]) text += letter == '"' ? "\"\"" : std::string{letter};
            text += '"';
        }
        text += "\r\n";
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const ByteView text{data + 1, size - 1};
    const auto at_once = rows_of(text, size);
    const auto in_pieces = rows_of(text, std::size_t{data[0]} + 1);
    ledger::ensure(at_once.has_value() == in_pieces.has_value(), "pieces make no difference");
    if (!at_once) return 0;
    ledger::ensure(*at_once == *in_pieces, "pieces make no difference to rows");
    const auto again = written(*at_once);
    const auto second = rows_of(ledger::as_bytes(again), again.size() + 1);
    ledger::ensure(second && *second == *at_once, "rows are read as they were written");
    return 0;
}
