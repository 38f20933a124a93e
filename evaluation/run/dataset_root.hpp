#pragma once

#include "ledger/crypto/merkle.hpp"
#include "samples/source.hpp"

namespace evaluation {

/// What names the samples that a model was measured on, as it is fed with them: every byte of the
/// inputs, the targets, the groups, and their order. Files that a loader reads or scales in another
/// way are other samples.
///
/// leaf of a sample: merkle_leaf of
///   for each input:  u64 length | bytes
///   target:          u8 0 | none, u8 1 | u64 length | name of the class, u8 2 | u64 length | FP32s
///   slice:           u64 length | name
/// root: tagged_sha256("millrace/samples/1") of
///   u64 inputs | for each: u64 length | name | u64 length | datatype | u64 rank | i64 sizes
///   u64 samples | merkle_root of the leaves (RFC 6962)
/// All integers and numbers are little-endian. Takes the memory of 64 hashes.
class DatasetRoot {
public:
    explicit DatasetRoot(const samples::Source& source) : source_{source} {}

    /// Sample number `index`, as it was read into `place`; one after the other, from 0 on.
    void add(std::size_t index, const samples::Place& place);
    ledger::Hash root() const;

private:
    const samples::Source& source_;
    ledger::MerkleBuilder leaves_;
    ledger::Bytes sample_;
};

}  // namespace evaluation
