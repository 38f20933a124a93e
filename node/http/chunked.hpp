#pragma once

#include "ledger/base/result.hpp"
#include "node/http/http_error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace node {

/// Takes the chunked transfer coding (RFC 9112 7.1) apart. Strict: CRLF only, sizes of 1 to 15
/// hex digits, nothing between the size and `;`. Extensions and trailer fields are checked and
/// dropped; all of them together have at most `overhead_limit` bytes. Pure.
class ChunkedDecoder {
public:
    static constexpr std::size_t overhead_limit = 8 * 1024;
    static constexpr std::size_t line_limit = 1024;

    struct Step {
        std::size_t consumed;   ///< how much of the input is done with; 0: give more input
        std::string_view data;  ///< of the body; a part of the input
    };

    /// Looks at the front of `input`. Call until it consumes nothing or `done()`.
    /// Error 400: the bytes are no chunked coding.
    ledger::Result<Step, HttpError> decode(std::string_view input);

    /// The last chunk and the trailer were seen; what follows belongs to the next request.
    bool done() const { return state_ == State::done; }

private:
    enum class State { size, data, data_end, trailer, done };

    ledger::Result<void, HttpError> take_size(std::string_view line);

    State state_ = State::size;
    std::uint64_t left_ = 0;
    std::size_t overhead_ = 0;
};

}  // namespace node
