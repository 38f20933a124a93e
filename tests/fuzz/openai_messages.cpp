// What callers and OpenAI-compatible servers send. The first byte chooses the call.
#include "inference/remote/openai_request.hpp"
#include "inference/remote/openai_stream.hpp"
#include "ledger/base/ensure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1) return 0;
    const auto call = static_cast<inference::OpenAiCall>(data[0] % 3);
    const ledger::ByteView body{data + 1, size - 1};
    if (const auto request = inference::read_openai_request(call, body, "m", 100)) {
        ledger::ensure(*request->most_out <= 100, "no more tokens than are paid for");
        const auto again = inference::read_openai_request(call, request->body, "m", 100);
        ledger::ensure(again && again->rows == request->rows, "what is sent reads the same");
    }
    (void)inference::read_openai_usage(body);
    // However its bytes are parted, a stream reads the same, as long as it makes sense.
    inference::OpenAiStream whole{true}, parted{true};
    const auto at_once = whole.take(body);
    std::string piecewise;
    bool sound = true;
    for (std::size_t i = 0; i < body.size() && sound; ++i) {
        const auto piece = parted.take(body.subspan(i, 1));
        sound = piece.has_value();
        if (piece) piecewise += *piece;
    }
    ledger::ensure(sound == at_once.has_value(), "sense does not depend on where bytes are parted");
    if (sound) {
        ledger::ensure(piecewise == *at_once, "a stream reads the same in pieces");
        ledger::ensure(whole.ended() == parted.ended(), "and ends in the same place");
    }
    ledger::ensure(inference::openai_error(body).size() <= 300, "messages are bounded");
    return 0;
}
