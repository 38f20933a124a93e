#include "ledger/sealing/sealer.hpp"

#include <algorithm>

namespace ledger::sealing {

Sealer::Sealer(const SecretKey& batch, const Hash& dataset, Take take)
    : point_{public_key(batch)},
      data_key_{data_key(batch, dataset)},
      dataset_{dataset},
      take_{std::move(take)}
{
    pending_.reserve(chunk_bytes);
}

Sealer::~Sealer()
{
    pending_.resize(chunk_bytes);  // within what was reserved, where older text may stand
    wipe(pending_);
}

Result<void> Sealer::write(ByteView more)
{
    bytes_read_ += more.size();
    while (!more.empty()) {
        if (pending_.size() == chunk_bytes)
            if (const auto done = seal_pending(false); !done) return done;
        if (pending_.empty() && more.size() > chunk_bytes) {
            if (const auto done = seal_next(more.first(chunk_bytes), false); !done) return done;
            more = more.subspan(chunk_bytes);
            continue;
        }
        const auto room = std::min(more.size(), chunk_bytes - pending_.size());
        append(pending_, more.first(room));
        more = more.subspan(room);
    }
    return {};
}

Result<BatchSummary> Sealer::finish()
{
    if (const auto done = seal_pending(true); !done) return done.error();
    return BatchSummary{point_, tree_.root(), chunks_, sealed_bytes_};
}

Result<void> Sealer::seal_pending(bool is_last)
{
    const auto done = seal_next(pending_, is_last);
    pending_.clear();
    return done;
}

Result<void> Sealer::seal_next(ByteView plain, bool is_last)
{
    if (chunks_ == most_chunks)
        return Error{ErrorKind::full, "a batch has at most " + std::to_string(most_chunks) +
                                          " chunks; make several of it"};
    const auto key = chunk_key(data_key_, chunks_);
    const auto chunk = seal_chunk(key, {dataset_, chunks_, is_last}, plain);
    tree_.append(leaf_hash(chunks_, chunk.leaf));
    ++chunks_;
    sealed_bytes_ += chunk.sealed.size();
    return take_(chunk.sealed, chunk.leaf);
}

}  // namespace ledger::sealing
