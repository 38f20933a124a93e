#include "edge/queue/signed_batch.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/sha256.hpp"

namespace edge {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Hash;
using ledger::Result;
using namespace ledger::sealing;

Result<Hash> root_of(const ledger::File& file, const BatchImage& image, const OnChunk& take)
{
    ledger::ensure(image.sealed_bytes() > 0, "a batch of nothing has no root");
    ledger::MerkleBuilder tree;
    for (std::uint64_t i = 0; i < image.key_hashes().size(); ++i) {
        const auto sealed = image.read(file, i * sealed_chunk_bytes, sealed_chunk_bytes);
        if (!sealed) return sealed.error();
        const Leaf leaf{image.key_hashes()[i], ledger::sha256(*sealed)};
        tree.append(leaf_hash(i, leaf));
        if (take)
            if (const auto done = take(*sealed, leaf); !done) return done.error();
    }
    if (image.close() && image.close()->root != tree.root())
        return Error{ErrorKind::corrupt, "the batch is not the one that was signed"};
    return tree.root();
}

Contribution contribution_of(const BatchImage& image, const Hash& root)
{
    const auto& begin = image.begin();
    Contribution said;
    said.network = begin.network;
    said.dataset = begin.dataset;
    said.batch = image.number();
    said.summary = {begin.point, root, image.key_hashes().size(), image.sealed_bytes()};
    said.shares = image.shares();
    said.schema = begin.schema;
    said.meta = begin.meta;
    for (const auto& wrap : begin.wraps) said.wraps.push_back(wrap.key);
    return said;
}

}  // namespace edge
