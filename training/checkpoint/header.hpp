#pragma once

#include "training/checkpoint/checkpoint.hpp"

#include <span>
#include <string_view>

/// The file's parts, for writer and reader.
namespace training::checkpoint_file {

inline constexpr std::string_view mark = "MRTRAIN1";
inline constexpr std::size_t mark_bytes = 8;
inline constexpr std::size_t length_bytes = 8;
inline constexpr std::size_t hash_bytes = 32;

/// The header's JSON; the same checkpoint is always the same text.
std::string header_text(const Checkpoint& checkpoint);

/// What the header says of one tensor.
struct TensorPlace {
    std::string name;
    at::ScalarType type;
    std::vector<std::int64_t> dims;
    std::uint64_t bytes = 0;
};

struct Header {
    Checkpoint checkpoint;  ///< without tensors
    std::vector<TensorPlace> tensors;
    std::uint64_t tensor_bytes = 0;  ///< of all
};
ledger::Result<Header> read_header(ledger::ByteView text, const CheckpointLimits& limits);

/// The numbers of a tensor as they lie in memory: contiguous, on the processor.
ledger::ByteView bytes_of(const at::Tensor& contiguous);

}  // namespace training::checkpoint_file
