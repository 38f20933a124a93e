// An IDX file has exactly the numbers that its sizes say, and each of them can be read.
#include "ledger/base/ensure.hpp"
#include "samples/array_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ledger::ByteView file{data, size};
    const auto read = samples::read_idx(file);
    if (!read) return 0;
    ledger::ensure(samples::looks_like_idx(file), "what is read looks like it");
    const auto step = inference::size_of(read->type);
    ledger::ensure(read->data + samples::product(read->shape) * step == size,
                   "its numbers are all that follows");
    for (auto at = read->data; at < size; at += step)
        static_cast<void>(samples::number_at(data + at, read->type, read->order));
    return 0;
}
