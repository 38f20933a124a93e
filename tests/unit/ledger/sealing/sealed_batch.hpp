#pragma once

#include "ledger/sealing/opener.hpp"
#include "ledger/sealing/sealer.hpp"

#include <vector>

namespace ledger::sealing {

inline Hash some_dataset(std::uint8_t n = 1)
{
    Hash dataset;
    dataset.bytes.fill(n);
    return dataset;
}

/// A batch in memory, as a device makes it and as the public sees it.
struct SealedBatch {
    SecretKey key;
    BatchSummary summary;
    std::vector<Bytes> chunks;
    Bytes leaves;
};

inline SealedBatch seal_all(ByteView plain, Random& random, std::size_t piece = 1000)
{
    SealedBatch batch{SecretKey::generate(random), {}, {}, {}};
    Sealer sealer{batch.key, some_dataset(), [&](ByteView sealed, const Leaf& leaf) {
                      batch.chunks.emplace_back(sealed.begin(), sealed.end());
                      LeafTable::append(batch.leaves, leaf);
                      return Result<void>{};
                  }};
    while (!plain.empty()) {
        const auto now = plain.first(std::min(piece, plain.size()));
        plain = plain.subspan(now.size());
        static_cast<void>(sealer.write(now));
    }
    batch.summary = *sealer.finish();
    return batch;
}

inline Bytes random_bytes(Random& random, std::size_t size)
{
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
}

}  // namespace ledger::sealing
