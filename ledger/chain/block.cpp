#include "ledger/chain/block.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"

namespace ledger {

BlockId block_id(const Header& header)
{
    return retag<BlockId>(tagged_sha256("millrace/header", encode_header(header)));
}

Hash root_of(const std::vector<Bytes>& items)
{
    std::vector<Hash> leaves;
    leaves.reserve(items.size());
    for (const auto& item : items) leaves.push_back(merkle_leaf(item));
    return merkle_root(leaves);
}

Bytes encode_header(const Header& header)
{
    return codec::encode(header);
}

Result<Header> decode_header(ByteView bytes)
{
    auto header = codec::decode<Header>(bytes);
    if (header && header->version != 1)
        return Error{ErrorKind::invalid,
                     "unknown header version " + std::to_string(header->version)};
    return header;
}

Bytes encode_body(const BlockBody& body)
{
    return codec::encode(body);
}

Result<BlockBody> decode_body(ByteView bytes)
{
    // The counts between the transactions are not part of the limit on their bytes.
    if (bytes.size() > BlockLimits::body_bytes + 4 + 4 * BlockLimits::transactions)
        return Error{ErrorKind::full, "block body too long"};
    auto body = codec::decode<BlockBody>(bytes);
    if (!body) return body;
    if (body->size() > BlockLimits::transactions)
        return Error{ErrorKind::full, "too many transactions in a block"};
    std::size_t sum = 0;
    for (const auto& transaction : *body) sum += transaction.size();
    if (sum > BlockLimits::body_bytes) return Error{ErrorKind::full, "block body too long"};
    return body;
}

}  // namespace ledger
