#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samples {

/// Reads CSV by RFC 4180 from pieces of any size, holding one row at most. Rows end with a line
/// feed, with or without a carriage return before it; empty lines and a byte order mark are passed
/// over.
class CsvReader {
public:
    struct Options {
        char delimiter = ',';
        std::size_t row_bytes = 4u << 20;
        std::size_t columns = 65'536;
    };
    /// Gets each row, counted from 1, and its fields without quotes, which last until it returns.
    using Row = std::function<ledger::Result<void>(std::uint64_t row,
                                                   std::span<const std::string_view> fields)>;

    CsvReader(Options options, Row row) : options_{options}, row_{std::move(row)} {}

    /// Errors: the handler's; `invalid` and `full` name the row. After one, nothing works.
    ledger::Result<void> read(ledger::ByteView more);
    /// Ends the last row, which need not have an end of line.
    ledger::Result<void> finish();

private:
    enum class State { begin, plain, quoted, after_quote, carriage_return };
    ledger::Result<void> take(char letter);
    ledger::Result<void> keep(char letter);
    ledger::Result<void> end_field();
    ledger::Result<void> end_row();
    ledger::Error wrong(const char* what) const;

    Options options_;
    Row row_;
    State state_ = State::begin;
    std::uint64_t rows_ = 0;
    std::size_t mark_ = 0;      ///< bytes of a byte order mark that came
    bool is_begun_ = false;     ///< something other than that came
    bool is_empty_row_ = true;  ///< not even a quote or a delimiter
    std::string text_;
    std::vector<std::size_t> ends_;
};

}  // namespace samples
