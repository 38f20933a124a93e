// A recording has as many frames as it says, each a finite number, and silence after the last.
#include "ledger/base/ensure.hpp"
#include "samples/wav.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto read = samples::read_wav({data, size});
    if (!read) return 0;
    ledger::ensure(read->frames * read->channels * read->bits / 8 == read->data.size(),
                   "its frames are all of its data");
    std::vector<float> frames(std::min<std::size_t>(read->frames, 1 << 16) + 1);
    const auto first = read->frames + 1 - frames.size();
    samples::put_mono(*read, first, frames);
    ledger::ensure(std::ranges::all_of(frames, [](float value) { return std::isfinite(value); }),
                   "a frame is a number");
    ledger::ensure(frames.back() == 0, "silence follows");
    return 0;
}
