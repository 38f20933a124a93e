// Model files of strangers: every limit holds and nothing but a refusal happens.
#include "inference/model/content_id.hpp"
#include "inference/model/inspect.hpp"
#include "ledger/base/ensure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ledger::ByteView file{data, size};
    inference::ModelLimits limits;
    limits.file_bytes = 1u << 20;
    limits.tensor_elements = 1u << 20;
    limits.all_elements = 1u << 21;
    const auto summary = inference::inspect_model(file, limits);
    if (!summary) return 0;
    // What was accepted has a canonical form, and that form stands for the same model.
    const auto canonical = inference::canonicalise(file, limits);
    ledger::ensure(canonical && canonical->content_id == summary->content_id, "one id");
    const auto again = inference::assemble(canonical->skeleton, canonical->tensors, limits);
    if (!again) return 0;  // a sound model may grow past a limit when typed data becomes raw
    const auto second = inference::canonicalise(*again, limits);
    ledger::ensure(second && second->content_id == summary->content_id, "the same id again");
    return 0;
}
