#include "edge/queue/growing_batch.hpp"

#include "ledger/sealing/chunk.hpp"
#include "ledger/sealing/items.hpp"

#include <algorithm>
#include <utility>

namespace edge {

using namespace ledger::sealing;

GrowingBatch::GrowingBatch(const ledger::SecretKey& batch, const ledger::Hash& dataset)
    : data_key_{data_key(batch, dataset)}, dataset_{dataset}
{
    text_.reserve(chunk_bytes);
}

GrowingBatch::~GrowingBatch()
{
    text_.resize(chunk_bytes);  // within what was reserved, where older text may stand
    ledger::wipe(text_);
}

void GrowingBatch::write(ledger::ByteView text)
{
    while (!text.empty()) {
        const auto room = std::min(text.size(), chunk_bytes - text_.size());
        ledger::append(text_, text.first(room));
        text = text.subspan(room);
        if (text_.size() == chunk_bytes) seal(false);
    }
}

Growth GrowingBatch::grow()
{
    seal(true);
    sealed_bytes_ = next_.from + next_.sealed.size();
    auto grown = std::exchange(next_, {});
    next_.from = index_ * sealed_chunk_bytes + given_;
    return grown;
}

void GrowingBatch::seal(bool is_last)
{
    const auto kept = text_.size();
    // A full chunk was sealed when it became full, so that the end always has room.
    if (is_last) ledger::append(text_, items_end());
    const auto chunk = seal_chunk(chunk_key(data_key_, index_), {dataset_, index_, is_last}, text_);
    ledger::append(next_.sealed, ledger::ByteView{chunk.sealed}.subspan(given_));
    if (!std::exchange(key_is_told_, is_last)) next_.key_hashes.push_back(chunk.leaf.key_hash);
    if (is_last) {
        text_.resize(kept);
        given_ = kept;
        return;
    }
    text_.clear();
    given_ = 0;
    ++index_;
}

}  // namespace edge
