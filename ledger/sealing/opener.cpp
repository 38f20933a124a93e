#include "ledger/sealing/opener.hpp"

#include "ledger/base/ensure.hpp"

namespace ledger::sealing {

Result<Opener> Opener::make(const SecretKey& batch, const Hash& dataset,
                            const BatchSummary& summary, const LeafTable& leaves)
{
    ensure(leaves.size() == summary.chunks, "the table was checked against this summary");
    if (public_key(batch) != summary.point)
        return Error{ErrorKind::denied, "the key is not the one of this batch"};
    return Opener{data_key(batch, dataset), dataset, leaves};
}

Result<Bytes, ChunkFault> Opener::open(std::uint64_t index, ByteView sealed) const
{
    const auto key = key_of(index);
    return open_chunk(key.view(), {dataset_, index, index + 1 == leaves_->size()},
                      leaves_->at(index), sealed);
}

}  // namespace ledger::sealing
