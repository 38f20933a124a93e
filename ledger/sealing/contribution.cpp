#include "ledger/sealing/contribution.hpp"

#include "ledger/crypto/sha256.hpp"

namespace ledger::sealing {
namespace {

void append_u64(Bytes& to, std::uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(value >> shift));
}

}  // namespace

Hash contribution_digest(const Contribution& said)
{
    Bytes data;
    append(data, said.network.view());
    append(data, said.dataset.view());
    append_u64(data, said.batch);
    append(data, said.summary.point.view());
    append(data, said.summary.root.view());
    append_u64(data, said.summary.chunks);
    append_u64(data, said.summary.bytes);
    append_u64(data, said.shares);
    append(data, said.schema.view());
    append(data, said.meta.view());
    data.push_back(static_cast<std::uint8_t>(said.wraps.size()));
    for (const auto& wrap : said.wraps) append(data, wrap);
    return tagged_sha256("millrace/contribution/v1", data);
}

}  // namespace ledger::sealing
