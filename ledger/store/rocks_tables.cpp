#include "ledger/store/rocks_tables.hpp"

#include "ledger/base/ensure.hpp"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

namespace ledger {

rocksdb::CompactionFilter::Decision HistoryFilter::FilterV2(int, const rocksdb::Slice& key,
                                                            ValueType, const rocksdb::Slice&,
                                                            std::string*, std::string*) const
{
    if (key.size() < 8) return Decision::kKeep;
    const auto height = ~read_big_u64(view(key), key.size() - 8);
    return height <= floor ? Decision::kRemove : Decision::kKeep;
}

rocksdb::CompactionFilter::Decision IndexFilter::FilterV2(int, const rocksdb::Slice&, ValueType,
                                                          const rocksdb::Slice& value, std::string*,
                                                          std::string*) const
{
    if (value.size() < 8) return Decision::kKeep;
    const auto height = read_big_u64(view(value), 0);
    return height != 0 && height < base ? Decision::kRemove : Decision::kKeep;
}

rocksdb::DBOptions store_db_options()
{
    auto options = careful_db_options();
    // Stops before a bad record and drops the rest: fine here, and only because the log has it.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    return options;
}

namespace {

/// For a table whose keys come in ascending order within a batch: the search for a key's place in
/// memory begins where the last one with the same first bytes went. Kept in memory only.
rocksdb::ColumnFamilyOptions ascending(rocksdb::ColumnFamilyOptions options, std::size_t first)
{
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(first));
    return options;
}

}  // namespace

std::vector<rocksdb::ColumnFamilyDescriptor> store_tables(const StoreOptions& options,
                                                          const HistoryFilter& history_filter,
                                                          const IndexFilter& index_filter)
{
    rocksdb::BlockBasedTableOptions blocks;
    blocks.block_cache = rocksdb::NewLRUCache(options.cache_bytes);
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    blocks.format_version = 5;
    auto plain = careful_table_options(options.write_buffer_bytes);
    plain.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
    auto history = plain;
    history.compaction_filter = &history_filter;
    constexpr std::uint64_t day_s = 86'400;
    history.periodic_compaction_seconds = day_s;  // without writes nothing would shrink
    auto index = plain;
    index.compaction_filter = &index_filter;
    if (options.keep_blocks != 0) index.periodic_compaction_seconds = day_s;
    auto tree = plain;
    tree.periodic_compaction_seconds = day_s;
    return {{rocksdb::kDefaultColumnFamilyName, plain},
            {"headers", plain},
            {"bodies", plain},
            {"fin", plain},
            {"tx_index", ascending(index, 1)},
            {"state", ascending(plain, 1)},
            {"hist", ascending(history, 3)},
            {"jmt", ascending(tree, 1)},
            {"jmt_stale", ascending(tree, 1)}};
}

std::string encode_stale(std::span<const Bytes> node_keys)
{
    std::string row;
    for (const auto& key : node_keys) {
        ensure(key.size() <= 0xff, "the key of a tree node has at most 41 bytes");
        row += static_cast<char>(key.size());
        row += as_text(key);
    }
    return row;
}

Result<std::vector<ByteView>> decode_stale(ByteView row)
{
    std::vector<ByteView> keys;
    while (!row.empty()) {
        const std::size_t length = row[0];
        if (row.size() <= length) return Error{ErrorKind::corrupt, "stale tree nodes"};
        keys.push_back(row.subspan(1, length));
        row = row.subspan(1 + length);
    }
    return keys;
}

std::string index_key(char kind, ByteView id)
{
    std::string key(1, kind);
    key += as_text(id);
    return key;
}

std::string history_node_key(std::uint8_t level, std::uint64_t index)
{
    std::string key{'m', static_cast<char>(level)};
    put_big_u64(key, index);
    return key;
}

std::string history_key(ByteView key, std::uint64_t height)
{
    ensure(key.size() <= 0xffff, "state keys are at most 65,535 bytes long");
    std::string made{static_cast<char>(key.size() >> 8), static_cast<char>(key.size() & 0xff)};
    made += as_text(key);
    put_big_u64(made, ~height);
    return made;
}

std::string encode_header(const StoredBlock& block)
{
    std::string made{as_text(block.id.view())};
    made += as_text(block.header);
    return made;
}

std::string encode_body(const StoredBlock& block)
{
    std::string made(4, '\0');
    boost::endian::store_big_u32(reinterpret_cast<std::uint8_t*>(made.data()),
                                 static_cast<std::uint32_t>(block.body.size()));
    made += as_text(block.body);
    made += as_text(block.receipts);
    return made;
}

Result<StoredBlock> decode_block(Height height, ByteView header, ByteView body, Bytes certificate)
{
    const auto where = "block " + std::to_string(height.value);
    if (header.size() < BlockId::size) return Error{ErrorKind::corrupt, where + ": header"};
    if (body.size() < 4) return Error{ErrorKind::corrupt, where + ": body"};
    const auto length = boost::endian::load_big_u32(body.data());
    body = body.subspan(4);
    if (length > body.size()) return Error{ErrorKind::corrupt, where + ": body"};
    return StoredBlock{height,
                       BlockId::of(header.first(BlockId::size)),
                       to_bytes(header.subspan(BlockId::size)),
                       to_bytes(body.first(length)),
                       to_bytes(body.subspan(length)),
                       std::move(certificate)};
}

}  // namespace ledger
