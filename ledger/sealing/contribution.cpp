#include "ledger/sealing/contribution.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/crypto/sha256.hpp"

namespace ledger::sealing {
Hash contribution_digest(const Contribution& said)
{
    Bytes data;
    append(data, said.network.view());
    append(data, said.dataset.view());
    append_big_endian(data, said.batch);
    append(data, said.summary.point.view());
    append(data, said.summary.root.view());
    append_big_endian(data, said.summary.chunks);
    append_big_endian(data, said.summary.bytes);
    append_big_endian(data, said.shares);
    append(data, said.schema.view());
    append(data, said.meta.view());
    data.push_back(static_cast<std::uint8_t>(said.wraps.size()));
    for (const auto& wrap : said.wraps) append(data, wrap);
    return tagged_sha256("millrace/contribution/v1", data);
}

}  // namespace ledger::sealing
